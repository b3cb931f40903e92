/** Which Vault, and how to reach its pods. KUBECONFIG comes from the environment of the process. */
export interface VaultTarget {
  /** Context of the kubeconfig; never the current one by accident. */
  readonly kubeContext: string;
  /** Namespace of the StatefulSet, its claims, the keys Secret and the Lease. */
  readonly namespace: string;
  /** Name of the StatefulSet that runs Vault. */
  readonly statefulSet: string;
  /** Names of all its pods, ordinal 0 first: a decision is never based on one of them alone. */
  readonly pods: readonly string[];
  /** Port of Vault's API inside the pods. */
  readonly port: number;
  /** How the listener is verified; null when it speaks plain HTTP. */
  readonly tls: null | VaultTlsTarget;
}

/** What a server certificate is verified against, since the connection itself goes to a loopback stream. */
export interface VaultTlsTarget {
  /** A name the certificate carries, also sent as SNI. */
  readonly serverName: string;
  /**
   * Name of the Secret, in the pods' namespace, with the authorities trusted for it. They are read when they are
   * needed. Their text is not an input: otherwise a preview that changes the authority would not know the login to
   * Vault, nor anything inside it.
   */
  readonly authoritySecret: string;
}

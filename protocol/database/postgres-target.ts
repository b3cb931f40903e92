/** How a server proves who it is. */
export interface PostgresTls {
  /** A name its certificate carries. */
  readonly serverName: string;
  /** PEM bundle that is trusted for it. */
  readonly caCertificate: string;
}

/** The way to a server for code that opens its own connection. Plain data, which Pulumi stores. */
export type PostgresTarget =
  | {
      /** A pod, over the Kubernetes API. */
      readonly kind: "pod";
      /** Context of the kubeconfig. */
      readonly kubeContext: string;
      readonly namespace: string;
      readonly pod: string;
      readonly port: number;
      readonly tls: PostgresTls | null;
    }
  | {
      /** An address that this machine and the cluster reach alike. */
      readonly kind: "address";
      readonly host: string;
      readonly port: number;
      readonly tls: PostgresTls | null;
    };

/** How to reach one cluster as one user; what a context of a kubeconfig comes down to. */
export interface Connection {
  /** Base URL of the API server, without a slash at the end. */
  readonly server: string;
  /** PEM of the authorities that may have signed the server's certificate. @default - the system's */
  readonly certificateAuthority?: string;
  /** Name the server's certificate must have. @default - the host of `server` */
  readonly serverName?: string;
  /** Accepts any certificate of the server. */
  readonly insecure: boolean;
  /** PEM of the client's certificate. @default - none */
  readonly clientCertificate?: string;
  /** PEM of the client's key. @default - none */
  readonly clientKey?: string;
  /** The bearer token, read anew for each request because files of tokens are rotated. @default - none */
  readonly token?: () => string;
  /** Namespace of namespaced objects that name none. */
  readonly namespace: string;
}

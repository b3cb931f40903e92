import type * as postgresql from "@pulumi/postgresql";
import type * as pulumi from "@pulumi/pulumi";

/** How a server proves who it is. */
export interface PostgresTls {
  /** A name its certificate carries. */
  readonly serverName: string;
  /** PEM bundle that is trusted for it. */
  readonly caCertificate: string;
}

/** The way to a server for whoever connects by itself. Plain data, which Pulumi stores. */
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

/** A Postgres server that databases can be made in, wherever it runs. */
export interface Postgres {
  /** Host name inside the cluster. */
  readonly host: pulumi.Output<string>;
  /** Port inside the cluster. */
  readonly port: number;
  /** PEM bundle that its certificate is verified with; null for one without TLS. */
  readonly caCertificate: pulumi.Output<string> | null;
  /** Login that makes databases and roles. */
  readonly adminUsername: string;
  /** Its password; secret. */
  readonly adminPassword: pulumi.Output<string>;
  /** The way to the server for the dynamic resources. */
  readonly target: pulumi.Output<PostgresTarget>;
  /** Acts as the admin login; usable once the server answers. */
  readonly provider: postgresql.Provider;
}

import { existsSync } from "node:fs";
import { pauseImage } from "../cluster/containerd.ts";
import type { ToolName } from "../toolchain/tools.ts";
import type { WheelName } from "../toolchain/wheels.ts";

/** A user of an image, as /etc/passwd and /etc/group name it. */
interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Where the program of an image comes from. */
export type ProgramSource =
  | {
      /** One static binary that was built on this machine. */
      readonly kind: "tool";
      readonly tool: ToolName;
    }
  | {
      /** Postgres as an npm package brings it, with the C library and the few programs of this machine it calls. */
      readonly kind: "postgres";
    }
  | {
      /** OpenLDAP of Debian's packages. */
      readonly kind: "slapd";
    }
  | {
      /** A program of a Python package, with the C library of this machine. */
      readonly kind: "wheel";
      readonly wheel: WheelName;
    };

/** How an image is made: a program on an otherwise nearly empty root. */
export interface ImageRecipe {
  /** Full name, as containerd knows it; stacks may use the short form. */
  readonly name: string;
  readonly source: ProgramSource;
  /** Path of the program in the image. */
  readonly binary: string;
  /** Whom the program runs as when the pod does not say. */
  readonly account: Account;
  /** Empty folders that belong to the account. */
  readonly folders: readonly string[];
  /** Whether the program opens TLS connections to the world. */
  readonly certificates: boolean;
  /** Programs of this machine that pods run beside it. @default - none */
  readonly beside?: readonly string[];
  /** What ends the program. @default - SIGTERM */
  readonly stopSignal?: "SIGINT";
}

/** As upstream's minimal images have it; `runAsNonRoot` needs the number. */
const nonRoot: Account = { name: "nonroot", uid: 65532, gid: 65532 };

/**
 * Every image that every sandbox has, under the name it has upstream, so that a stack is the same here and on a cluster
 * that pulls.
 */
export const recipes: readonly ImageRecipe[] = [
  {
    name: pauseImage,
    source: { kind: "tool", tool: "pause" },
    binary: "/pause",
    account: { name: "nobody", uid: 65535, gid: 65535 },
    folders: [],
    certificates: false,
  },
  {
    name: "docker.io/vaultstack/web-app:0.2.0",
    source: { kind: "tool", tool: "web-app" },
    binary: "/web-app",
    account: { name: "app", uid: 65532, gid: 65532 },
    folders: [],
    certificates: false,
  },
  {
    name: "docker.io/hashicorp/vault-secrets-operator:0.10.0",
    source: { kind: "tool", tool: "secrets-operator" },
    binary: "/vault-secrets-operator",
    account: nonRoot,
    folders: [],
    certificates: true,
  },
  {
    name: "quay.io/brancz/kube-rbac-proxy:v0.18.1",
    source: { kind: "tool", tool: "rbac-proxy" },
    binary: "/usr/local/bin/kube-rbac-proxy",
    account: nonRoot,
    folders: [],
    certificates: true,
  },
  {
    name: "docker.io/hashicorp/vault:1.21.0",
    source: { kind: "tool", tool: "vault" },
    binary: "/bin/vault",
    // The ids of the upstream image.
    account: { name: "vault", uid: 100, gid: 1000 },
    folders: ["/vault/config", "/vault/data", "/vault/file", "/vault/logs", "/home/vault"],
    certificates: true,
    // The shell that upstream's image has, for the container that watches the certificate.
    beside: ["/bin/sh", "/bin/sleep"],
  },
  {
    name: "docker.io/library/postgres:17.10",
    source: { kind: "postgres" },
    binary: "/usr/lib/postgresql/17/bin/postgres",
    // The ids of the upstream image.
    account: { name: "postgres", uid: 999, gid: 999 },
    folders: ["/var/lib/postgresql", "/var/run/postgresql"],
    certificates: false,
    // As upstream: at SIGTERM it would wait for its clients.
    stopSignal: "SIGINT",
  },
];

/** The gateway's data plane; its controller would take another version if it were not told. */
export const envoyImage = "docker.io/envoyproxy/envoy:distroless-v1.40.0";

/** The gateway, for stacks that need it. */
export const gatewayRecipes: readonly ImageRecipe[] = [
  {
    name: "docker.io/envoyproxy/gateway:v1.9.1",
    source: { kind: "tool", tool: "envoy-gateway" },
    binary: "/usr/local/bin/envoy-gateway",
    account: nonRoot,
    folders: ["/var/lib/eg"],
    certificates: true,
  },
  {
    name: envoyImage,
    source: { kind: "wheel", wheel: "envoy" },
    binary: "/usr/local/bin/envoy",
    account: nonRoot,
    folders: [],
    certificates: true,
  },
];

/** A directory server, for those who ask for it: no stack brings one, and the sandbox comes up without it. */
export const directoryRecipe: ImageRecipe = {
  name: "docker.io/vaultstack/slapd:2.5",
  source: { kind: "slapd" },
  binary: "/usr/sbin/slapd",
  account: { name: "openldap", uid: 101, gid: 101 },
  folders: ["/var/lib/ldap", "/run/slapd"],
  certificates: false,
};

/**
 * Finds the machine's certificate authorities.
 * @returns Path of the bundle, or undefined on a machine that has none.
 */
export function machineAuthorities(): string | undefined {
  return ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"].find((file) => existsSync(file));
}

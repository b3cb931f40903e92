import { existsSync } from "node:fs";
import { pauseImage } from "../cluster/containerd.ts";
import type { ToolName } from "../toolchain/tools.ts";

/** A user of an image, as /etc/passwd and /etc/group name it. */
interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** How an image is made: one static binary on an otherwise nearly empty root. */
export interface ImageRecipe {
  /** Full name, as containerd knows it; stacks may use the short form. */
  readonly name: string;
  readonly tool: ToolName;
  /** Path of the binary in the image. */
  readonly binary: string;
  /** Whom the program runs as when the pod does not say. */
  readonly account: Account;
  /** Empty folders that belong to the account. */
  readonly folders: readonly string[];
  /** Whether the program opens TLS connections to the world. */
  readonly certificates: boolean;
}

/** Every image, under the name it has upstream, so that a stack is the same here and on a cluster that pulls. */
export const recipes: readonly ImageRecipe[] = [
  {
    name: pauseImage,
    tool: "pause",
    binary: "/pause",
    account: { name: "nobody", uid: 65535, gid: 65535 },
    folders: [],
    certificates: false,
  },
  {
    name: "docker.io/vaultstack/web-app:0.1.0",
    tool: "web-app",
    binary: "/web-app",
    account: { name: "app", uid: 65532, gid: 65532 },
    folders: [],
    certificates: false,
  },
  {
    name: "docker.io/hashicorp/vault:1.21.0",
    tool: "vault",
    binary: "/bin/vault",
    // The ids of the upstream image.
    account: { name: "vault", uid: 100, gid: 1000 },
    folders: ["/vault/config", "/vault/data", "/vault/file", "/vault/logs", "/home/vault"],
    certificates: true,
  },
];

/**
 * Finds the machine's certificate authorities.
 * @returns Path of the bundle, or undefined on a machine that has none.
 */
export function machineAuthorities(): string | undefined {
  return ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"].find((file) => existsSync(file));
}

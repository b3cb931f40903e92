import type * as pulumi from "@pulumi/pulumi";
import type { VaultCredential } from "../../../protocol/vault-client/session.ts";
import type { VaultTarget } from "../../../protocol/frame/vault-target.ts";

/** What dynamic resources need to act inside Vault as Pulumi's own login. */
export interface VaultSession {
  /** The pods of the Vault; resolves once they serve. */
  readonly target: pulumi.Output<VaultTarget>;
  /** The login; secret. */
  readonly credential: pulumi.Output<VaultCredential>;
}

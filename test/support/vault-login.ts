import { z } from "zod";
import type { VaultClient } from "./vault-client.ts";

const credentials = z.object({
  lease_id: z.string(),
  lease_duration: z.number(),
  data: z.object({ username: z.string(), password: z.string() }),
});

/** A database login with its lease, as Vault hands it out. */
export type VaultLogin = z.infer<typeof credentials>;

/** A new login of a dynamic role of the stack's database. */
export async function issueLogin(client: VaultClient, role: string): Promise<VaultLogin> {
  return credentials.parse(await client.request("GET", `demo-db/creds/${role}`));
}

/** Takes it away, and waits until Vault has done it. */
export async function revokeLogin(client: VaultClient, { lease_id }: Pick<VaultLogin, "lease_id">): Promise<void> {
  await client.request("PUT", "sys/leases/revoke", { lease_id, sync: true });
}

import { z } from "zod";

/** `sys/seal-status`, as far as it is used. */
export const sealStatus = z.object({
  initialized: z.boolean(),
  sealed: z.boolean(),
  t: z.number(),
  n: z.number(),
  progress: z.number(),
  nonce: z.string().default(""),
  storage_type: z.string().default(""),
  cluster_id: z.string().optional(),
  removed_from_cluster: z.boolean().optional(),
  /** What keeps the root key. */
  type: z.string().default("shamir"),
  /** True for a seal that opens by itself. */
  recovery_seal: z.boolean().default(false),
  /** True while the root key waits to be moved from another seal. */
  migration: z.boolean().default(false),
});

/**
 * `sys/init` with PGP recipients: every value is encrypted. A seal that opens by itself gives recovery shares instead.
 */
export const initAnswer = z
  .object({
    keys_base64: z.array(z.base64()),
    recovery_keys_base64: z.array(z.base64()).default([]),
    root_token: z.base64(),
  })
  .transform(({ keys_base64: keys, recovery_keys_base64: recovery, root_token }) => ({
    keys_base64: recovery.length > 0 ? recovery : keys,
    root_token,
  }));

/** `sys/generate-root/attempt`. */
export const generateRootStatus = z.object({
  nonce: z.string().default(""),
  started: z.boolean(),
  progress: z.number(),
  required: z.number(),
  complete: z.boolean(),
  encoded_token: z.string().default(""),
  pgp_fingerprint: z.string().default(""),
});

/** `sys/rekey/init`. */
export const rekeyStatus = z.object({
  nonce: z.string().default(""),
  started: z.boolean(),
  t: z.number(),
  n: z.number(),
  progress: z.number(),
  required: z.number(),
  pgp_fingerprints: z.array(z.string()).nullish(),
  backup: z.boolean().default(false),
  verification_required: z.boolean().default(false),
  /** Set once the new shares are made and wait to be shown. */
  verification_nonce: z.string().default(""),
});

/** `sys/rekey/update` and `sys/rekey/verify`; the shares in the answer are taken from the backup instead. */
export const rekeyProgress = z.object({ complete: z.boolean().default(false) });

/** `sys/rekey/backup`: the new shares, encrypted, by the fingerprint of who receives them. */
export const rekeyBackup = z.object({
  data: z.object({ nonce: z.string(), keys_base64: z.record(z.string(), z.array(z.base64())) }),
});

/** A login. */
export const loginAnswer = z.object({
  auth: z.object({ client_token: z.string(), policies: z.array(z.string()), lease_duration: z.number() }),
});

/** `auth/token/lookup-self`. */
export const tokenAnswer = z.object({
  data: z.object({ policies: z.array(z.string()), accessor: z.string().default("") }),
});

/** `sys/policies/acl/<name>`. */
export const policyAnswer = z.object({ data: z.object({ policy: z.string() }) });

/** `sys/auth`: mounts by path with a trailing slash. */
export const authMountsAnswer = z.object({ data: z.record(z.string(), z.object({ type: z.string() })) });

/** `auth/<approle>/role/<role>/role-id`. */
export const roleIdAnswer = z.object({ data: z.object({ role_id: z.string() }) });

/** `auth/<approle>/role/<role>/secret-id`. */
export const secretIdAnswer = z.object({ data: z.object({ secret_id: z.string(), secret_id_accessor: z.string() }) });

/** A list of keys. */
export const listAnswer = z.object({ data: z.object({ keys: z.array(z.string()) }) });

/** What `sys/seal-status` tells. */
export type SealStatus = z.infer<typeof sealStatus>;

/** What `sys/init` returns. */
export type InitAnswer = z.infer<typeof initAnswer>;

/** What `sys/rekey/init` tells. */
export type RekeyStatus = z.infer<typeof rekeyStatus>;

/** What `sys/rekey/backup` tells. */
export type RekeyBackup = z.infer<typeof rekeyBackup>["data"];

/** What `sys/generate-root/attempt` tells. */
export type GenerateRootStatus = z.infer<typeof generateRootStatus>;

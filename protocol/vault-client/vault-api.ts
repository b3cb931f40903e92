import type { Clock } from "../frame/clock.ts";
import { initBody, type InitRequest } from "./init-request.ts";
import {
  authMountsAnswer,
  type GenerateRootStatus,
  generateRootStatus,
  type InitAnswer,
  initAnswer,
  listAnswer,
  loginAnswer,
  policyAnswer,
  type RekeyBackup,
  rekeyBackup,
  rekeyProgress,
  type RekeyStatus,
  rekeyStatus,
  roleIdAnswer,
  type SealStatus,
  sealStatus,
  secretIdAnswer,
  tokenAnswer,
} from "./vault-answers.ts";
import { type RaftSession, raftSession } from "./raft-api.ts";
import { type TokenSession, tokenSession } from "./token-api.ts";
import { type LeaderStatus, leaderStatus } from "./raft-answers.ts";
import { caller, type Unsigned } from "./vault-call.ts";
import { VaultRefusal } from "./vault-error.ts";
import { exchange, type VaultTransport } from "./vault-http.ts";

/** How Vault is to split and encrypt new keys. */
export type RekeyRequest = Omit<InitRequest, "rootTokenRecipient" | "seal">;

/** `sys/health` in one word, in the order Vault decides it. */
export type Health =
  | "active"
  | "standby"
  | "performance-standby"
  | "disaster-recovery"
  | "no-leader"
  | "uninitialized"
  | "sealed"
  | "removed"
  | "unknown";

/** The calls of one Vault node that need no token. */
export interface VaultNode {
  readonly label: string;
  sealStatus(): Promise<SealStatus>;
  health(): Promise<Health>;
  /** Irreversible, and its answer cannot be had twice. Waits long, is sent once. */
  initialize(request: InitRequest): Promise<InitAnswer>;
  /** The status after the share was taken. With `migrate` the last one also moves the root key to the new seal. */
  unseal(share: string, migrate: boolean): Promise<SealStatus>;
  resetUnseal(): Promise<SealStatus>;
  generateRootStatus(): Promise<GenerateRootStatus>;
  /** The new token comes back encrypted to this PGP key. */
  startGenerateRoot(recipient: string): Promise<GenerateRootStatus>;
  continueGenerateRoot(nonce: string, share: string): Promise<GenerateRootStatus>;
  /** Ends whatever attempt is under way: Vault asks for no nonce. */
  cancelGenerateRoot(): Promise<void>;
  login(authPath: string, roleId: string, secretId: string): Promise<string>;
  /** Whether it leads, and how much it has of what the leader has written. */
  leaderStatus(): Promise<LeaderStatus>;
  /** The same node with a token. */
  as(token: string): VaultSession;
}

/**
 * What the shares stand for: the root key, or, when a seal keeps that, the right to make root tokens and to move the
 * seal.
 */
export type SharedKey = "unseal" | "recovery";

/**
 * The calls that replace keys. Vault 1.x takes them without a token and ignores one, Vault 2.x requires one: so one is
 * always sent.
 */
export interface RekeySession {
  rekeyStatus(): Promise<RekeyStatus>;
  /** Asks for new keys that must be shown before they are used; Vault keeps an encrypted copy of them until then. */
  startRekey(request: RekeyRequest): Promise<RekeyStatus>;
  /** True when it was the last one needed. */
  giveRekeyShare(nonce: string, share: string): Promise<boolean>;
  /** True when it was the last one needed, and the new keys are in use. */
  verifyRekeyShare(nonce: string, share: string): Promise<boolean>;
  cancelRekey(nonce: string): Promise<void>;
  /** Null when there is none. */
  rekeyBackup(): Promise<RekeyBackup | null>;
  deleteRekeyBackup(): Promise<void>;
}

/** The calls that need a token. */
export interface VaultSession extends RaftSession, TokenSession {
  /** Replaces shares of that key. */
  rekey(key: SharedKey): RekeySession;
  /** Policies of the token, or null when it is dead. */
  policies(): Promise<readonly string[] | null>;
  revokeSelf(): Promise<void>;
  readPolicy(name: string): Promise<string | null>;
  writePolicy(name: string, document: string): Promise<void>;
  authMounts(): Promise<Readonly<Record<string, { readonly type: string }>>>;
  enableAuth(path: string, type: string, description: string): Promise<void>;
  writeRole(authPath: string, role: string, fields: Readonly<Record<string, unknown>>): Promise<void>;
  deleteRole(authPath: string, role: string): Promise<void>;
  roleId(authPath: string, role: string): Promise<string>;
  createSecretId(authPath: string, role: string): Promise<{ readonly secretId: string; readonly accessor: string }>;
  secretIdAccessors(authPath: string, role: string): Promise<readonly string[]>;
  destroySecretId(authPath: string, role: string, accessor: string): Promise<void>;
}

/** Deadlines of single requests, in milliseconds. */
export interface VaultTimeouts {
  /** For everything but initialising. */
  readonly request: number;
  /** Initialising writes and syncs a lot; giving up early would lose the keys. */
  readonly initialize: number;
}

/** Defaults that give a slow disk enough time. */
export const vaultTimeouts: VaultTimeouts = { request: 10_000, initialize: 120_000 };

/** A node behind a transport. */
export function vaultNode(transport: VaultTransport, clock: Clock, timeouts: VaultTimeouts = vaultTimeouts): VaultNode {
  const call = caller(transport, clock, timeouts.request);
  return {
    label: transport.label,
    sealStatus: () => call(sealStatus, { method: "GET", path: "sys/seal-status" }),
    health: async () => {
      const signal = clock.timeout(timeouts.request);
      const { status } = await exchange(transport, {
        method: "GET",
        path: "sys/health",
        signal,
        answers: healthStatuses,
      });
      return healthByStatus[status] ?? "unknown";
    },
    initialize: (request) =>
      caller(
        transport,
        clock,
        timeouts.initialize,
      )(initAnswer, {
        method: "PUT",
        path: "sys/init",
        body: initBody(request),
      }),
    unseal: (share, migrate) =>
      call(sealStatus, { method: "PUT", path: "sys/unseal", body: { key: share, ...(migrate && { migrate }) } }),
    resetUnseal: () => call(sealStatus, { method: "PUT", path: "sys/unseal", body: { reset: true } }),
    generateRootStatus: () => call(generateRootStatus, { method: "GET", path: "sys/generate-root/attempt" }),
    startGenerateRoot: (recipient) =>
      call(generateRootStatus, { method: "PUT", path: "sys/generate-root/attempt", body: { pgp_key: recipient } }),
    continueGenerateRoot: (nonce, share) =>
      call(generateRootStatus, { method: "PUT", path: "sys/generate-root/update", body: { nonce, key: share } }),
    cancelGenerateRoot: async () => {
      const signal = clock.timeout(timeouts.request);
      await exchange(transport, { method: "DELETE", path: "sys/generate-root/attempt", signal });
    },
    login: async (authPath, roleId, secretId) => {
      const body = { role_id: roleId, secret_id: secretId };
      return (await call(loginAnswer, { method: "PUT", path: `auth/${authPath}/login`, body })).auth.client_token;
    },
    leaderStatus: () => call(leaderStatus, { method: "GET", path: "sys/leader" }),
    as: (token) => session(transport, clock, timeouts.request, token),
  };
}

const healthByStatus: Readonly<Record<number, Health>> = {
  200: "active",
  429: "standby",
  472: "disaster-recovery",
  473: "performance-standby",
  474: "no-leader",
  501: "uninitialized",
  503: "sealed",
  530: "removed",
};

const healthStatuses = Object.keys(healthByStatus).map(Number);

function session(transport: VaultTransport, clock: Clock, timeout: number, token: string): VaultSession {
  const call = caller(transport, clock, timeout);
  const send = async (request: Unsigned): Promise<void> => {
    await exchange(transport, { ...request, token, signal: clock.timeout(timeout) });
  };
  const role = (authPath: string, name: string): string => `auth/${authPath}/role/${name}`;
  return {
    ...raftSession(call, send, token),
    ...tokenSession(call, send, token),
    rekey: (key) => rekeySession(call, send, token, key),
    policies: () =>
      absentOn(
        403,
        async () => (await call(tokenAnswer, { method: "GET", path: "auth/token/lookup-self", token })).data.policies,
      ),
    revokeSelf: () => send({ method: "PUT", path: "auth/token/revoke-self" }),
    readPolicy: (name) =>
      absentOn(
        404,
        async () => (await call(policyAnswer, { method: "GET", path: `sys/policies/acl/${name}`, token })).data.policy,
      ),
    writePolicy: (name, document) =>
      send({ method: "PUT", path: `sys/policies/acl/${name}`, body: { policy: document } }),
    authMounts: async () => (await call(authMountsAnswer, { method: "GET", path: "sys/auth", token })).data,
    enableAuth: (path, type, description) =>
      send({ method: "POST", path: `sys/auth/${path}`, body: { type, description } }),
    writeRole: (authPath, name, fields) => send({ method: "POST", path: role(authPath, name), body: fields }),
    deleteRole: (authPath, name) => send({ method: "DELETE", path: role(authPath, name) }),
    roleId: async (authPath, name) =>
      (await call(roleIdAnswer, { method: "GET", path: `${role(authPath, name)}/role-id`, token })).data.role_id,
    createSecretId: async (authPath, name) => {
      const path = `${role(authPath, name)}/secret-id`;
      const { data } = await call(secretIdAnswer, { method: "POST", path, token, body: {} });
      return { secretId: data.secret_id, accessor: data.secret_id_accessor };
    },
    secretIdAccessors: async (authPath, name) => {
      const path = `${role(authPath, name)}/secret-id`;
      return (
        (await absentOn(
          404,
          async () => (await call(listAnswer, { method: "GET", path: `${path}?list=true`, token })).data.keys,
        )) ?? []
      );
    },
    destroySecretId: (authPath, name, accessor) =>
      send({
        method: "POST",
        path: `${role(authPath, name)}/secret-id-accessor/destroy`,
        body: { secret_id_accessor: accessor },
      }),
  };
}

function rekeySession(
  call: ReturnType<typeof caller>,
  send: (request: Unsigned) => Promise<void>,
  token: string,
  key: SharedKey,
): RekeySession {
  const path = key === "unseal" ? "sys/rekey" : "sys/rekey-recovery-key";
  const backup = key === "unseal" ? "sys/rekey/backup" : "sys/rekey/recovery-key-backup";
  const give = async (what: "update" | "verify", nonce: string, share: string): Promise<boolean> =>
    (await call(rekeyProgress, { method: "PUT", path: `${path}/${what}`, token, body: { nonce, key: share } }))
      .complete;
  return {
    rekeyStatus: () => call(rekeyStatus, { method: "GET", path: `${path}/init`, token }),
    startRekey: ({ secretShares, secretThreshold, shareRecipients }) =>
      call(rekeyStatus, {
        method: "PUT",
        path: `${path}/init`,
        token,
        body: {
          secret_shares: secretShares,
          secret_threshold: secretThreshold,
          pgp_keys: shareRecipients,
          backup: true,
          require_verification: true,
        },
      }),
    giveRekeyShare: (nonce, share) => give("update", nonce, share),
    verifyRekeyShare: (nonce, share) => give("verify", nonce, share),
    cancelRekey: (nonce) => send({ method: "DELETE", path: `${path}/init`, body: { nonce } }),
    rekeyBackup: () =>
      absentOn(400, async () => (await call(rekeyBackup, { method: "GET", path: backup, token })).data),
    deleteRekeyBackup: () => send({ method: "DELETE", path: backup }),
  };
}

async function absentOn<T>(status: number, read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof VaultRefusal && error.status === status) return null;
    throw error;
  }
}

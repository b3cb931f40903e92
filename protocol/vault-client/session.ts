import type { z } from "zod";
import { loginToken } from "../admin-access/admin-access-evidence.ts";
import { podVault } from "./pod-vault.ts";
import { type ProtocolContext, surveyArgs } from "../frame/protocol-context.ts";
import { leaderIn, surveyNodes } from "./survey.ts";
import { loginAnswer } from "./vault-answers.ts";
import { vaultNode } from "./vault-api.ts";
import { type Call, caller } from "./vault-call.ts";
import { exchange, type VaultRequest } from "./vault-http.ts";
import type { SerializedProvider } from "../frame/protocol-module.ts";
import type { VaultTarget } from "../frame/vault-target.ts";

/** How Pulumi's own login gets a token. */
export type VaultCredential =
  | {
      readonly kind: "app-role";
      /** Where the AppRole method is mounted, without `auth/`. */
      readonly authPath: string;
      readonly roleId: string;
      readonly secretId: string;
    }
  | {
      /** The development server's. */
      readonly kind: "token";
      readonly token: string;
    };

/** What a dynamic resource needs to act inside Vault. */
export interface VaultSessionInputs extends SerializedProvider {
  /** The pods of the Vault. */
  readonly target: VaultTarget;
  /** Secret. */
  readonly credential: VaultCredential;
}

/** Requests of Pulumi's own login to the node that leads. */
export interface Session {
  /** Sends a request whose answer says nothing more than that it was done. */
  readonly send: (request: SessionRequest) => Promise<void>;
  /** Sends a request and parses its answer. */
  readonly ask: <T>(schema: z.ZodType<T>, request: SessionRequest) => Promise<T>;
}

/** A request without what the session adds. */
export type SessionRequest = Omit<VaultRequest, "signal" | "token">;

/** Databases answer through Vault, and may take their time. */
const requestMs = 30_000;

/**
 * Acts inside Vault as Pulumi's own login, whose token is revoked afterwards.
 *
 * @returns what the work returns, or null when no node leads.
 * @throws when Vault does not know the login any more.
 */
export async function inSession<T>(
  context: ProtocolContext,
  { target, credential }: VaultSessionInputs,
  work: (session: Session) => Promise<T>,
): Promise<{ readonly result: T } | null> {
  const survey = await surveyNodes(surveyArgs(context, target));
  const leader = leaderIn(survey);
  if (leader === null) return null;
  const transport = podVault(context.kube, target, leader.pod, leader.uid ?? undefined);
  const node = vaultNode(transport, context.clock, context.timings.vault);
  const call = caller(transport, context.clock, requestMs);
  const token =
    credential.kind === "token"
      ? await ownToken(call, credential.token)
      : await loginToken(node, credential.authPath, credential);
  if (token === null) throw new Error(`${transport.label}: does not know this stack's login; run \`up\` again`);
  const session: Session = {
    send: async (request) => {
      await exchange(transport, { ...request, token, signal: context.clock.timeout(requestMs) });
    },
    ask: (schema, request) => call(schema, { ...request, token }),
  };
  try {
    return { result: await work(session) };
  } finally {
    // With its token, Vault revokes what was issued through it. Failing to revoke a token is no failure of the work.
    await node
      .as(token)
      .revokeSelf()
      .catch(() => undefined);
  }
}

/** Longer than any work here takes: what a run that was killed has issued ends with its token. */
const tokenTtl = "15m";

/** A token for one session, from one that never ends. */
async function ownToken(call: Call, token: string): Promise<string> {
  const body = { ttl: tokenTtl, renewable: false, display_name: "vaultstack" };
  return (await call(loginAnswer, { method: "POST", path: "auth/token/create", token, body })).auth.client_token;
}

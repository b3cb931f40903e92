import { createIn as scaleDownIn } from "../../protocol/raft/scale-down-resource.ts";
import { createIn as quorumIn } from "../../protocol/raft/quorum-resource.ts";
import { makeEscrow } from "../support/escrow-key.ts";
import { FakeRaft } from "../support/fake-raft.ts";
import { storedRecord } from "../support/fault-walk.ts";
import type { VaultWorld } from "../support/vault-world.ts";
import type { RequestCase, RequestScenario } from "../support/request-walk.ts";
import { copiesOfStack, ownLogin, servedVault } from "../support/served-vault.ts";
import { dataGuards } from "./data-guard-scenarios.ts";
import { databaseLogins } from "./database-login-scenarios.ts";
import { rolloutTargets, syncs } from "./delivery-scenarios.ts";
import { loginBounds } from "./login-bounds-scenarios.ts";
import { loginGroups } from "./login-group-scenarios.ts";
import { loginMakers } from "./login-makers-scenarios.ts";
import { postgresReady } from "./postgres-ready-scenarios.ts";
import { remainsRoles } from "./remains-role-scenarios.ts";
import { roleLeases } from "./role-leases-scenarios.ts";
import { servedCertificates } from "./served-certificate-scenarios.ts";

/** The scenarios of the resources that act without steps, by the names of their files. */
export const requestScenarios = {
  "scale-down": scaleDowns,
  quorum: quorums,
  "role-leases": roleLeases,
  "served-certificate": servedCertificates,
  "data-guard": dataGuards,
  "database-login": databaseLogins,
  "login-bounds": loginBounds,
  "login-group": loginGroups,
  "login-makers": loginMakers,
  "postgres-ready": postgresReady,
  "remains-role": remainsRoles,
  "rollout-targets": rolloutTargets,
  sync: syncs,
} as const satisfies Readonly<Record<string, () => Promise<RequestScenario[]>>>;

async function scaleDowns(): Promise<RequestScenario[]> {
  const escrow = await makeEscrow();
  const copy = await copiesOfStack(escrow, 3);
  const open: RequestScenario["open"] = async () => {
    const world = await copy();
    const raft = new FakeRaft(world, 2);
    const inputs = {
      target: { ...world.target, pods: ["vault-0"] },
      keysSecret: "vault-keys",
      escrowPrivateKey: escrow.privateKey,
      protocolVersion: 1,
    };
    return {
      world,
      run: async (context) => {
        const { outs } = await scaleDownIn(context, inputs);
        return { ...outs, escrowPrivateKey: "" };
      },
      saw: raft.saw.bind(raft),
      harmBetween: () => Promise.resolve(raft.harm),
      harm: (faultCase) => {
        const known = (isKept(world) ? 1 : 0) + (holdsOnlyToken(faultCase) ? 1 : 0);
        const volumes = [...new Set(raft.deleted.map(({ claim, uid }) => `${claim} ${uid}`))].sort();
        const expected = ["data-vault-1", "data-vault-2"].map(
          (claim) => `${claim} ${world.kube.get("persistentvolumeclaims", claim)?.metadata.uid ?? ""}`,
        );
        return Promise.resolve([
          ...raft.harm,
          ...(raft.voters.join() === "vault-0" ? [] : [`voters are ${raft.voters.join()}`]),
          ...(volumes.join() === expected.join() ? [] : [`volumes deleted: ${volumes.join()}`]),
          // One that is kept is ended with the admin access.
          ...(world.vault.rootTokens().length > known ? ["a root token is alive"] : []),
        ]);
      },
      secrets: () => [...world.vault.secrets, escrow.privateKey],
    };
  };
  return [{ name: "servers leave, the leader among them", open }];
}

/** A process that was killed between two moments: Vault had made a root token for it, and it had not kept that yet. */
function holdsOnlyToken({ request, fault: { kind } }: RequestCase): boolean {
  if (kind === "killed after") return request.includes("/sys/generate-root/update");
  return kind === "killed before" && request.includes("PUT") && request.includes("/secrets/vault-keys");
}

function isKept(world: VaultWorld): boolean {
  const stored = storedRecord(world);
  return stored.kind === "keys" && stored.record.rootToken !== null;
}

async function quorums(): Promise<RequestScenario[]> {
  const escrow = await makeEscrow();
  const open: RequestScenario["open"] = async () => {
    const world = await servedVault(escrow, 3);
    const raft = new FakeRaft(world, 0);
    const inputs = { target: world.target, clusterId: "cluster", ...ownLogin, protocolVersion: 1 };
    const written: string[] = [];
    return {
      world,
      run: async (context) => {
        const { outs } = await quorumIn(context, inputs);
        return { ...outs, secretId: "" };
      },
      saw: ({ server, method, path }) => {
        const isOwn = path === `/v1/auth/${ownLogin.authPath}/login` || path === "/v1/auth/token/revoke-self";
        if (!["GET", "CONNECT"].includes(method) && !(server === "vault" && isOwn)) written.push(`${method} ${path}`);
      },
      harm: () => Promise.resolve([...written, ...raft.removals.map((pod) => `${pod} was removed`)]),
      secrets: () => world.vault.secrets,
    };
  };
  return [{ name: "a cluster is waited for", open }];
}

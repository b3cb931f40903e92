import * as leases from "../../protocol/database/role-leases-resource.ts";
import type { RoleLeasesInputs, RoleLeasesOutputs } from "../../protocol/database/role-leases-resource.ts";
import type { VaultCredential } from "../../protocol/vault-client/session.ts";
import { makeEscrow } from "../support/escrow-key.ts";
import { FakeDatabaseEngine } from "../support/fake-database-engine.ts";
import type { RequestScenario, WalkedWorld } from "../support/request-walk.ts";
import { ownLogin, servedVault } from "../support/served-vault.ts";
import type { VaultWorld } from "../support/vault-world.ts";

type Run = (engine: FakeDatabaseEngine, inputs: RoleLeasesInputs) => WalkedWorld["run"];

/** A role is proved by a login of its own, and takes all logins along when it goes. */
export async function roleLeases(): Promise<RequestScenario[]> {
  const escrow = await makeEscrow();
  const scenario = (name: string, credentialOf: (world: VaultWorld) => VaultCredential, run: Run): RequestScenario => ({
    name,
    open: async () => {
      const world = await servedVault(escrow);
      const engine = new FakeDatabaseEngine();
      world.vault.engine = (request) => engine.answer(request);
      const credential = credentialOf(world);
      const given = credential.kind === "token" ? credential.token : null;
      const inputs: RoleLeasesInputs = {
        target: world.target,
        credential,
        mount: "demo-db",
        role: "app",
        roleFingerprint: "fingerprint",
        loginGeneration: "generation",
        protocolVersion: 1,
      };
      return {
        world,
        run: run(engine, inputs),
        harm: () => {
          // A process that is killed ends no token; Vault does when its time is up.
          const others = [...world.vault.storage.tokens].filter(([token]) => token !== given);
          for (const [token] of others) engine.endToken(token);
          const endless = others.filter(([token, had]) => had.includes("root") && !world.vault.endingTokens.has(token));
          return Promise.resolve([
            ...endless.map(() => "a root token is left that never ends"),
            ...engine.leases.map((lease) => `${lease} is left`),
            ...engine.forgotten.map((lease) => `${lease} was forgotten`),
          ]);
        },
        secrets: () => world.vault.secrets,
      };
    },
  });
  const own = (): VaultCredential => ({ kind: "app-role", ...ownLogin });
  const root = (world: VaultWorld): VaultCredential => ({ kind: "token", token: world.vault.operatorToken() });
  const proved: Run = (_, inputs) => async (context, state) => {
    const { outs } =
      state === null
        ? await leases.createIn(context, inputs)
        : await leases.updateIn(context, { ...(state as RoleLeasesOutputs), credential: inputs.credential }, inputs);
    return { ...outs, credential: null };
  };
  const taken: Run = (engine, inputs) => {
    engine.issue("app");
    engine.issue("app");
    return async (context, state) => {
      if (state === null) await leases.deleteIn(context, { ...inputs, unrevokedLeases: [] });
      return { gone: true };
    };
  };
  return [
    scenario("a role is proved", own, proved),
    scenario("a role is proved on a development server", root, proved),
    scenario("a role goes with its logins", own, taken),
  ];
}

import { offlineSettings } from "../../graph/offline-settings.ts";
import type { RawSettings } from "../../stacks/settings/parse-settings.ts";

/** First values of a secret, as a setting. */
export const exampleSeeds = JSON.stringify({
  "webapp/config": { username: "static-user", password: "static-password" },
});

/** Settings as the engine would hand them over for a stack: defaults, the stack's own values, a pair of keys, seeds. */
export function exampleSettings(
  changes: Readonly<Record<string, string | undefined>> = {},
  name: "dev" | "ha" = "dev",
): RawSettings {
  const { values } = offlineSettings(name, { kvSeeds: exampleSeeds });
  const changed = Object.entries(changes).map(([setting, value]) => [
    setting.includes(":") ? setting : `vaultstack:${setting}`,
    value,
  ]);
  // A setting changed to undefined is one that is not set.
  const all = { ...values, ...(Object.fromEntries(changed) as Record<string, string | undefined>) };
  return {
    values: withoutUndefined(all),
    secretNames: new Set(
      ["escrowPrivateKey", "kvSeeds", "postgresPassword", "sealCredentials"].map((secret) => `vaultstack:${secret}`),
    ),
    stack: "dev",
  };
}

function withoutUndefined(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { kvSecretNameFaults } from "../../components/engines/kv/kv.ts";
import { fault, hidden } from "../../shared/errors.ts";
import type { consentSettings } from "./consent.ts";
import { type Parsed, project, setting } from "./setting.ts";

const name = z.string().refine((secret) => kvSecretNameFaults("", secret).length === 0, {
  error: "must be keyed by names of secrets below the mount; use letters, digits, dots, dashes and inner slashes",
});
const values = z.record(z.string(), z.string({ error: "must be text; quote the value" }), {
  error: "must be keys with their values; set it with `pulumi config set --secret --path`",
});

/** The store of secrets. */
export const storeSettings = {
  kvSeeds: setting(
    z.record(name, values, { error: "must be secrets by name; set it with `pulumi config set --secret --path`" }),
    {
      secret: true,
      default: {},
      description:
        "First values of secrets below the mount `secret`, by name and key. They are written once; afterwards the value belongs to whoever writes it. Set one with `pulumi config set --secret --path 'kvSeeds[\"webapp/config\"].username' <value>`.",
    },
  ),
};

type StoreSettings = Parsed<typeof storeSettings>;

/**
 * Without the state nobody knows that the seeds were already written, and they would overwrite the applications'
 * values.
 */
export function storeFaults({
  adoptExisting,
  kvSeeds,
}: Partial<StoreSettings & Parsed<typeof consentSettings>>): string[] {
  if (adoptExisting !== true || kvSeeds === undefined || Object.keys(kvSeeds).length === 0) return [];
  const remedy = "remove it with `pulumi config rm kvSeeds`; the secrets keep the values they have";
  return [fault(`${project}:kvSeeds`, "must be empty with adoptExisting", hidden, remedy)];
}

/** First values of secrets, by name; the values are secret. */
export type SeedsConfig = Readonly<Record<string, pulumi.Output<Record<string, string>>>>;

/** Converts the seeds to the form the component takes. */
export function seedsConfig({ kvSeeds }: StoreSettings): SeedsConfig {
  return Object.fromEntries(Object.entries(kvSeeds).map(([secret, keys]) => [secret, pulumi.secret(keys)]));
}

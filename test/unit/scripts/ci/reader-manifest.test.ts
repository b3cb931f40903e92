import { expect, test, vi } from "vitest";
import { z } from "zod";
import { readerManifests } from "../../../../scripts/ci/reader-manifest.ts";
import { graphOfDev } from "../../../support/graph-of-dev.ts";

/** The account for previews of both stacks. What a cluster lets it do is for the live test. */

// Each graph is recorded by a process; on a busy machine some take seconds to start.
vi.setConfig({ testTimeout: 60_000 });

const rules = z.array(
  z.object({
    apiGroups: z.array(z.string()),
    resources: z.array(z.string()),
    resourceNames: z.array(z.string()).optional(),
    verbs: z.array(z.string()),
  }),
);

async function rulesOf(stack: string) {
  const manifests = readerManifests((await graphOfDev({ stack })).resources);
  return manifests.flatMap(({ kind, metadata, rules: found }) => {
    if (found === undefined) return [];
    const { namespace = "" } = z.object({ namespace: z.string().optional() }).parse(metadata);
    return rules.parse(found).map((rule) => ({ ...rule, kind, namespace }));
  });
}

test.each(["dev", "ha"])("in the stack %s it may read, and change nothing", async (stack) => {
  const others = (await rulesOf(stack)).filter(({ resources }) => !resources.includes("pods/portforward"));
  expect(others.flatMap(({ verbs }) => verbs).filter((verb) => !["get", "list", "watch"].includes(verb))).toEqual([]);
  expect(others.flatMap(({ resources }) => resources)).not.toContain("secrets");
  expect(others.flatMap((rule) => [...rule.apiGroups, ...rule.resources, ...rule.verbs])).not.toContain("*");
});

test.each([
  ["dev", ["vault-0"]],
  ["ha", ["vault-0", "vault-1", "vault-2"]],
])("in the stack %s it connects to the pods of Vault and Postgres, and to no other", async (stack, vault) => {
  const connecting = (await rulesOf(stack)).filter(({ resources }) => resources.includes("pods/portforward"));
  expect(connecting.map(({ namespace, resourceNames }) => [namespace, resourceNames])).toEqual([
    ["postgres", ["postgres-0"]],
    ["vault", vault],
  ]);
});

test("its roles are for each kind of object that a stack has, by the name of the kind in the API", async () => {
  const resources = (await rulesOf("ha")).flatMap((rule) => rule.resources);
  for (const kind of ["networkpolicies", "statefulsets", "gateways", "poddisruptionbudgets", "vaultstaticsecrets"]) {
    expect(resources).toContain(kind);
  }
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DocumentBlock, blocksIn } from "./document-blocks.ts";

/** Who runs a block of a document, or holds what happens against it. */
export type BlockRun =
  /**
   * A suite of the folder test/live, which knows the block by a text that stands in the suite or in what it is made of.
   */
  | { readonly kind: "run"; readonly suite: string; readonly by?: Readonly<Record<string, string>> }
  /** Shows what a command prints, which a suite compares. */
  | { readonly kind: "shown"; readonly suite: string }
  | { readonly kind: "nobody"; readonly reason: string };

/** Every block that is a person's to run, by the document and the block's first line. */
export const documentRuns: Readonly<Record<string, Readonly<Record<string, BlockRun>>>> = {
  "README.md": {
    "npm run up": { kind: "run", suite: "short/readme" },
    "stack dev is up": { kind: "shown", suite: "short/readme" },
    "$ curl http://10.200.0.1:30005": { kind: "run", suite: "short/readme" },
    'eval "$(npm run -s sandbox -- env)"     # kubectl, vault and pulumi for this shell': {
      kind: "run",
      suite: "short/readme",
    },
    "npm run destroy -- dev": { kind: "run", suite: "cluster-wide/as-shipped-ha" },
    "cp Pulumi.dev.yaml Pulumi.team.yaml     # the stack's settings": {
      kind: "run",
      suite: "cluster-wide/own-cluster",
    },
    "npm run ci:state -- ha --to copy --cluster current      # after an up: a copy with a login that may only read": {
      kind: "run",
      suite: "cluster-wide/as-shipped-ha",
    },
    "npm run graph -- ha                     # what there is, and what comes after what": {
      kind: "run",
      suite: "short/readme",
    },
    "npm run access -- dev                   # subject, login, policy, path, capabilities, lifetimes": {
      kind: "run",
      suite: "short/readme",
    },
  },
  "docs/client-access.md": {
    "pulumi stack output vaultAddress                            # https://vault.example.com": {
      kind: "run",
      suite: "cluster-wide/as-shipped-ha",
    },
    "export VAULT_ADDR=https://vault.example.com": clientExample("Vault's command line"),
    "printf 'X-Vault-Token: %s' \"$VAULT_TOKEN\" \\": clientExample("curl"),
    "import os": clientExample("Python"),
    "package main": clientExample("Go"),
  },
  "docs/guides/agents.md": {
    'export VAULT_TOKEN="$(kubectl -n platform create token starter --audience vault \\': agentExample(),
    'export VAULT_TOKEN="$(VAULT_TOKEN="$wrapping_token" vault unwrap -field=secret_id \\': agentExample(),
  },
  "docs/guides/by-hand.md": {
    "kubectl -n vault port-forward vault-0 8200:8200 &": byHand(),
    'export VAULT_TOKEN="$(pulumi stack export --show-secrets \\': byHand(),
    'export GNUPGHOME="$(mktemp -d -p /dev/shm)"': byHand(),
  },
  "docs/guides/delivered-secrets.md": {
    "kubectl -n app describe vaultstaticsecret vault-kv-app": { kind: "run", suite: "cluster-wide/as-shipped-dev" },
    'kubectl -n app patch vaultstaticsecret vault-kv-app --type=merge -p \'{"metadata":{"finalizers":null}}\'': {
      kind: "run",
      suite: "cluster-wide/as-shipped-dev",
    },
  },
  "docs/guides/jobs.md": {
    'export VAULT_TOKEN="$(printf %s "$ID_TOKEN" | vault write -field=token auth/jwt/login role=deploy jwt=-)"': {
      kind: "run",
      suite: "long/jwt",
      by: { "live/long/jwt.test.ts": 'blocksOf("Jobs with tokens of an issuer")' },
    },
  },
  "docs/guides/seals.md": {
    "vault secrets enable transit && vault write -f transit/keys/autounseal": {
      kind: "run",
      suite: "long/runbooks",
      by: { "live/long/runbooks.test.ts": 'blocksOf("Let Vault open by itself")' },
    },
  },
  "docs/runbooks/lost-new-keys.md": {
    "copied() {": {
      kind: "run",
      suite: "long/runbooks",
      by: { "live/long/runbooks.test.ts": 'blocksOf("lost-new-keys")' },
    },
  },
  "docs/runbooks/missing-shares.md": {
    "mine() {": {
      kind: "run",
      suite: "long/rekey",
      by: { "live/long/rekey.test.ts": "share-holder.ts", "support/share-holder.ts": "functionInGuide()" },
    },
  },
  "docs/runbooks/orphaned-logins.md": {
    "SELECT rolname, rolvaliduntil FROM pg_roles WHERE rolname LIKE 'v-%';": {
      kind: "nobody",
      reason: "it takes a login that Vault has forgotten, which the suite of an existing Postgres makes only sometimes",
    },
  },
  "docs/runbooks/stale-certificate.md": {
    'kubectl -n vault logs vault-0 -c certificate-reload   # "was told to read …", once for each change': {
      kind: "run",
      suite: "cluster-wide/as-shipped-ha",
    },
  },
};

/** Languages of blocks that are settings, types or pictures, and nobody's to run. */
const notRun = ["yaml", "ts", "mermaid"];

/** The blocks of a document that are a person's to run or to see. */
export function blocksToRun(document: string): DocumentBlock[] {
  const text = readFileSync(join(import.meta.dirname, "..", "..", document), "utf8");
  return blocksIn(text).filter(({ language }) => !notRun.includes(language));
}

/** What stands for a block in the list of who runs it. */
export function firstLine({ text }: DocumentBlock): string {
  return text.split("\n")[0] ?? "";
}

/** The blocks of a document that a suite runs or compares, in order. */
export function blocksOfSuite(
  document: string,
  suite: string,
): { readonly block: DocumentBlock; readonly run: BlockRun }[] {
  return blocksToRun(document).flatMap((block) => {
    const run = documentRuns[document]?.[firstLine(block)];
    return run !== undefined && run.kind !== "nobody" && run.suite === suite ? [{ block, run }] : [];
  });
}

function clientExample(client: string): BlockRun {
  return {
    kind: "run",
    suite: "cluster-wide/ha-passthrough",
    by: { "live/cluster-wide/ha-passthrough.test.ts": `"${client}"` },
  };
}

function agentExample(): BlockRun {
  return { kind: "run", suite: "long/agents", by: { "live/long/agents.test.ts": 'blocksOf("Agents")' } };
}

function byHand(): BlockRun {
  const by = { "live/long/runbooks.test.ts": 'blocksOf("Acting inside Vault by hand")' };
  return { kind: "run", suite: "long/runbooks", by };
}

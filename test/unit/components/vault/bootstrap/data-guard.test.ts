import { describe, expect, test } from "vitest";
import { dataAtStake } from "../../../../../components/vault/bootstrap/data-at-stake.ts";
import {
  check,
  dataLossFaults,
  type DataAtStake,
  type DataGuardInputs,
} from "../../../../../protocol/data-guard/data-guard-resource.ts";

/**
 * What is at stake and when a run is refused. That a preview ends by it, and nothing is touched, is for the live test.
 */

const mountType = "vault:index/mount:Mount";
const setType = "kubernetes:apps/v1:StatefulSet";
const claims = [{ metadata: { name: "data" } }];

/** What a program keeps that declares these resources. */
function kept(...resources: readonly (readonly [type: string, name: string, inputs: object])[]): DataAtStake[] {
  return resources.flatMap(([type, name, inputs]) => dataAtStake(type, name, { ...inputs }) ?? []);
}

const secrets = kept([mountType, "secret", { type: "kv", options: { version: "2" }, path: "secret" }]);
const engine = kept([mountType, "demo-db", { type: "database", path: "demo-db" }]);
const volumes = kept([
  setType,
  "vault",
  { metadata: { name: "vault", namespace: "a" }, spec: { volumeClaimTemplates: claims } },
]);

describe("data is kept", () => {
  test.each<[string, object, string]>([
    [mountType, { type: "kv", options: { version: "2" }, path: "secret" }, "the secrets of the mount secret"],
    [mountType, { type: "transit", path: "t" }, "the keys, without which nobody reads what is encrypted with them"],
    [mountType, { type: "pki", path: "pki" }, "the authorities and their keys of the mount pki"],
    [mountType, { type: "database", path: "db" }, "the connection with a password that only Vault knows"],
    [mountType, { type: "ssh", path: "ssh" }, "what is in the mount ssh"],
    ["pulumi-nodejs:dynamic/vault:Init", { keysSecret: "vault-keys" }, "the keys of Vault in the Secret vault-keys"],
    ["postgresql:index/database:Database", { name: "mydb" }, "the tables of the database mydb"],
    [
      setType,
      { metadata: { name: "vault", namespace: "a" }, spec: { volumeClaimTemplates: claims } },
      "the volumes of the pods of vault in the namespace a",
    ],
  ])("by a %s %j", (type, inputs, data) => {
    expect(dataAtStake(type, "it", { ...inputs })?.data).toContain(data);
  });

  test("neither by a set of pods without volumes nor by what can be made again", () => {
    expect(
      kept([setType, "web", { metadata: {}, spec: {} }], ["vault:index/policy:Policy", "app", { name: "app" }]),
    ).toEqual([]);
  });
});

describe("a run is refused", () => {
  test("for each resource that is gone, naming it, its data and the way out", () => {
    expect(dataLossFaults([...secrets, ...engine, ...volumes], volumes, [])).toEqual([
      "secret: must stay, because the secrets of the mount secret would be lost with it, got a resource that is not in the " +
        "program any more; put it back, or give consent for one run: pulumi config set --path 'vaultstack:allowDataLoss[0]' secret",
      expect.stringMatching(/^demo-db: must stay/),
    ]);
  });

  test("for one that would be another: an engine of another type, pods in another namespace", () => {
    const other = kept([mountType, "secret", { type: "transit", path: "secret" }]);
    expect(dataLossFaults(secrets, other, [])).toEqual([expect.stringContaining("would be replaced by another")]);
    const elsewhere = volumes.map((set) => ({ ...set, identity: { ...set.identity, namespace: "b" } }));
    expect(dataLossFaults(volumes, elsewhere, [])).toHaveLength(1);
  });

  test("for a consent to what it would not lose, so that none stays behind", () => {
    expect(dataLossFaults(secrets, secrets, ["secret"])).toEqual([
      'vaultstack:allowDataLoss: must name what this run would lose, got "secret"; remove the setting, a consent is for one run',
    ]);
  });
});

describe("a run goes on", () => {
  test("with consent to exactly what it would lose", () => {
    expect(dataLossFaults([...secrets, ...engine], secrets, ["demo-db"])).toEqual([]);
    expect(dataLossFaults([...secrets, ...engine], [], ["demo-db"])).toHaveLength(1);
  });

  test("when a mount moves to another path, which takes its data along, and when there is more than before", () => {
    const moved = kept([mountType, "secret", { type: "kv", options: { version: "2" }, path: "elsewhere" }]);
    expect(dataLossFaults(secrets, [...moved, ...engine], [])).toEqual([]);
  });
});

describe("the guard", () => {
  const news: DataGuardInputs = { data: secrets, allowDataLoss: ["demo-db"], protocolVersion: 1 };

  test("does not store a consent", async () => {
    const { inputs, failures } = await check({ data: [...secrets, ...engine] }, news);
    expect(failures).toEqual([]);
    expect(inputs).toEqual({ data: secrets, protocolVersion: 1 });
  });

  test("keeps what it knew when the program ended early, and refuses nothing then", async () => {
    const { inputs, failures } = await check({ data: engine }, { protocolVersion: 1 });
    expect(failures).toEqual([]);
    expect(inputs).toEqual({ data: engine, protocolVersion: 1 });
  });
});

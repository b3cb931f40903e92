import { expect, test } from "vitest";
import type { StatefulSet } from "../../../../../kube/kube-objects.ts";
import { volumeDifferences, type WantedVolumes } from "../../../../../components/vault/server/volume-guard.ts";

/** Which edits of volumes stop a run. Does not prove that the cluster is asked: the live tests do. */

const found: StatefulSet = {
  metadata: { name: "vault", namespace: "vault" },
  spec: {
    volumeClaimTemplates: [claim("data", "1Gi"), claim("audit", "2Gi")],
  },
};

const wanted: WantedVolumes = {
  topology: { kind: "standalone", storageSize: "1Gi" },
  auditStorageSize: "2Gi",
  storageClass: undefined,
};

function claim(name: string, storage: string) {
  return { metadata: { name }, spec: { storageClassName: "local-path", resources: { requests: { storage } } } };
}

test("the volumes there are, asked for as they are, stop nothing", () => {
  expect(volumeDifferences(found, wanted)).toEqual([]);
  expect(volumeDifferences(found, { ...wanted, storageClass: "local-path" })).toEqual([]);
});

test.each<[string, Partial<WantedVolumes>, string]>([
  [
    "another size of the data",
    { topology: { kind: "standalone", storageSize: "3Gi" } },
    "the volume data has 1Gi, while 3Gi is asked for",
  ],
  ["another size of the audit log", { auditStorageSize: "1Gi" }, "the volume audit has 2Gi, while 1Gi is asked for"],
  ["another class", { storageClass: "fast" }, "the volume data is of the class local-path, while fast is asked for"],
])("%s is named", (_what, edit, sentence) => {
  expect(volumeDifferences(found, { ...wanted, ...edit })).toContain(sentence);
});

test("a server in memory asks for no volumes, and a StatefulSet without any has none to differ", () => {
  expect(volumeDifferences(found, { ...wanted, topology: { kind: "in-memory" } })).toEqual([]);
  expect(volumeDifferences({ metadata: found.metadata }, wanted)).toEqual([]);
});

import { describe, expect, test } from "vitest";
import { changesIn, describeChanges } from "../../support/engine-changes.ts";

const up = `Previewing update (dev):

    pulumi:pulumi:Stack vaultstack-dev running
 ~  pulumi-nodejs:dynamic/vault:Unseal vault-bootstrap-unseal update [diff: ~status]
 ~  kubernetes:core/v1:ConfigMap other update
    pulumi:pulumi:Stack vaultstack-dev
Resources:
    ~ 2 to update
    152 unchanged
Updating (dev):
 ~  pulumi-nodejs:dynamic/vault:Unseal vault-bootstrap-unseal updating (0s) [diff: ~status]
 ~  pulumi-nodejs:dynamic/vault:Unseal vault-bootstrap-unseal updated (1s) [diff: ~status]
Outputs:
    vaultAddress: "http://10.200.0.1:30004"

Resources:
    ~ 1 updated
    153 unchanged

Duration: 9s
`;

describe("changes of a run", () => {
  test("are those it made, and those its preview announced", () => {
    expect(changesIn(up)).toEqual({ counts: { update: 1 }, resources: ["Unseal vault-bootstrap-unseal"] });
    expect(changesIn(up, "preview")).toEqual({
      counts: { update: 2 },
      resources: ["ConfigMap other", "Unseal vault-bootstrap-unseal"],
    });
  });

  test("are none where everything is as it was", () => {
    expect(changesIn("Resources:\n    154 unchanged\n")).toEqual({ counts: {}, resources: [] });
  });

  test("have every kind of operation", () => {
    const output =
      "Resources:\n    + 3 to create\n    ~ 1 to update\n    - 2 to delete\n    +-4 to replace\n    6 changes. 3 unchanged\n";
    expect(changesIn(output).counts).toEqual({ create: 3, update: 1, delete: 2, replace: 4 });
  });

  test("are not known of a run that never came to its summary", () => {
    expect(() => changesIn("error: unhandled\n")).toThrow("no summary of resources");
  });

  test("fit into a line", () => {
    expect(describeChanges(changesIn(up))).toBe("1 update: Unseal vault-bootstrap-unseal");
    expect(describeChanges({ counts: {}, resources: [] })).toBe("nothing");
  });
});

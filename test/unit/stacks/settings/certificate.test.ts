import { describe, expect, test } from "vitest";
import { parseSettings } from "../../../../stacks/settings/parse-settings.ts";
import { exampleSettings } from "../../../support/example-settings.ts";

function parsed(certificate: object) {
  return parseSettings(exampleSettings({ certificate: JSON.stringify(certificate) }, "ha"));
}

const issuerRef = { kind: "ClusterIssuer", name: "corporate" };

describe("the setting of the certificate", () => {
  test("is an authority of the stack's own unless it says otherwise", () => {
    expect(parsed({ kind: "issued" }).settings?.certificate).toEqual({
      kind: "issued",
      authorities: ["ca1"],
      validity: "90d",
      renewBefore: "30d",
      authorityValidity: "3650d",
    });
  });

  test("takes cert-manager's authority from its Secret unless one is given", () => {
    expect(parsed({ kind: "cert-manager", issuerRef }).settings?.certificate).toEqual({
      kind: "cert-manager",
      issuerRef,
      duration: "90d",
      renewBefore: "30d",
      authority: { kind: "secret" },
    });
  });

  test("may be a Secret that is there", () => {
    expect(parsed({ kind: "existing", secretName: "corporate-tls" }).faults).toEqual([]);
  });

  test.each([
    [{ kind: "existing", secretName: "My TLS" }, ["certificate.secretName"]],
    [{ kind: "existing" }, ["certificate.secretName"]],
    [{ kind: "existing", secretName: "a", validity: "1d" }, ["certificate"]],
    [{ kind: "file" }, ["certificate.kind"]],
    [{ kind: "cert-manager", issuerRef: { kind: "Authority", name: "x" } }, ["certificate.issuerRef.kind"]],
    [
      {
        kind: "cert-manager",
        issuerRef,
        duration: "30m",
        renewBefore: "4m",
        authority: { kind: "given", certificate: "" },
      },
      ["certificate.authority.certificate", "certificate.duration", "certificate.renewBefore"],
    ],
    [
      { kind: "issued", authorities: ["ca1", "ca1"], renewBefore: "91d" },
      ["certificate.authorities", "certificate.renewBefore"],
    ],
  ])("of %j has its faults told at once, under its own names", (certificate, paths) => {
    expect(parsed(certificate).faults.map((text) => text.split(":")[1])).toEqual(paths);
  });
});

import { describe, expect, test } from "vitest";
import {
  endWarning,
  listenerCertificateFaults,
  type IssuedCertificate,
} from "../../../../components/vault/certificate-source.ts";

const source: IssuedCertificate = {
  kind: "issued",
  authorities: ["ca1"],
  validity: "90d",
  renewBefore: "30d",
  authorityValidity: "3650d",
};

describe("the source of a certificate", () => {
  test("has no fault when it is renewed before it ends, and ends before its authority", () => {
    expect(listenerCertificateFaults(source)).toEqual([]);
  });

  test.each([
    ["no authority", { authorities: [] }, "source.authorities: must name at least one"],
    ["an authority twice", { authorities: ["a", "a"] }, "source.authorities: must name each authority once"],
    ["an authority that is no name", { authorities: ["CA 1"] }, "source.authorities: must be names"],
    ["a part of an hour", { renewBefore: "90m" }, "source.renewBefore: must be whole hours"],
    ["a renewal before it begins", { renewBefore: "90d" }, "source.renewBefore: must be less than validity"],
    ["a certificate that outlives its authority", { authorityValidity: "89d" }, "source.validity: must be at most"],
  ] as const)("with %s is a fault", (_, change, rule) => {
    expect(listenerCertificateFaults({ ...source, ...change }).join("\n")).toContain(rule);
  });
});

test("an authority that ends before a new certificate would is warned of, and none that lasts", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(endWarning("2026-03-01T00:00:00Z", "90d", now)).toContain("ends 2026-03-01T00:00:00Z");
  expect(endWarning("2026-06-01T00:00:00Z", "90d", now)).toBeNull();
});

import { describe, expect, test } from "vitest";
import { wireName } from "../../../plugins/vault/api-object.ts";
import { isSameJson, isSameNetworks, isSamePath } from "../../../plugins/vault/equality.ts";
import { seconds } from "../../../plugins/vault/go-duration.ts";

describe("what Vault writes differently", () => {
  test.each([
    ["10.0.0.1", "10.0.0.1/32", true],
    ["fd00::1", "fd00::1/128", true],
    ["10.0.0.0/8", "10.0.0.0/16", false],
    ["10.0.0.1", "10.0.0.2/32", false],
  ])("takes the networks %s and %s for the same: %s", (left, right, same) => {
    expect(isSameNetworks([left], [right])).toBe(same);
  });

  test("takes paths for the same whatever slashes are at their ends", () => {
    expect(isSamePath("/kv/apps/", "kv/apps")).toBe(true);
    expect(isSamePath("kv/apps", "kv/app")).toBe(false);
  });

  test("takes JSON for the same whatever its spaces and the order of its members", () => {
    expect(isSameJson('{"a":1,"b":[2]}', '{ "b": [2], "a": 1 }')).toBe(true);
    expect(isSameJson('{"a":1}', '{"a":"1"}')).toBe(false);
    expect(isSameJson("no json", "no json")).toBe(true);
  });

  test.each([
    ["0s", 0],
    ["3h12m10s", 11_530],
    ["1m0s", 60],
    ["1.5s", 1.5],
  ])("reads the duration %s", (duration, expected) => {
    expect(seconds(duration)).toBe(expected);
  });

  test.each([
    ["kubernetesCaCert", "kubernetes_ca_cert"],
    ["secretIdBoundCidrs", "secret_id_bound_cidrs"],
    ["disableLocalCaJwt", "disable_local_ca_jwt"],
  ])("knows %s as %s", (property, expected) => {
    expect(wireName(property)).toBe(expected);
  });
});

/** What the proof of a passthrough decides. That it sees what a client sees is proved live. */
import { describe, expect, test } from "vitest";
import type { Gateway } from "../../../../kube/kube-objects.ts";
import * as resource from "../../../../protocol/certificate/served-certificate-resource.ts";
import {
  gatewayAddress,
  judgePassage,
  judgePods,
  parseAddress,
  type ServedCertificateInputs,
  type ServedCertificateOutputs,
} from "../../../../protocol/certificate/served-certificate.ts";
import { unknownValue } from "../../../../protocol/frame/unknown.ts";

const host = "vault.example.com";
const certificate = (fingerprint: string) => ({ fingerprint, issuer: "CN=an authority" });

describe("a certificate that is served", () => {
  test("is Vault's own when one of the pods serves it, as while a renewed one is loaded", () => {
    expect(judgePassage(certificate("b"), [certificate("a"), certificate("b")])).toEqual({ kind: "own" });
  });

  test("is foreign otherwise, even from the same authority", () => {
    expect(judgePassage(certificate("c"), [certificate("a")])).toEqual({
      kind: "foreign",
      reason: "TLS ends before Vault: the certificate c, issued by CN=an authority, is served",
    });
  });
});

describe("the pods", () => {
  const pods = ["vault-0", "vault-1", "vault-2"];
  const [old, renewed] = [certificate("a"), certificate("b")];

  test("serve what they were given only when each of them does", () => {
    expect(judgePods("b", pods, [renewed, renewed, renewed])).toEqual({ kind: "own" });
  });

  test("are told by name when they still serve another, even while one of them is silent", () => {
    expect(judgePods("b", pods, [null, old, renewed])).toEqual({
      kind: "foreign",
      reason: "pod vault-1 still serves the certificate a, issued by CN=an authority, not b",
    });
  });

  test("prove nothing while one of them is silent", () => {
    expect(judgePods("b", pods, [renewed, null, renewed])).toEqual({
      kind: "unclear",
      reason: "vault-1 could not be asked for its certificate",
    });
  });
});

describe("an address", () => {
  test.each([
    ["vault.example.com:443", { host: "vault.example.com", port: 443 }],
    ["10.0.0.7:30443", { host: "10.0.0.7", port: 30_443 }],
    ["[2001:db8::1]:443", { host: "2001:db8::1", port: 443 }],
  ])("is read from %s", (text, address) => {
    expect(parseAddress(text)).toEqual(address);
  });

  test.each(["vault.example.com", ":443", "host:0", "host:65536", "https://host:443", "2001:db8::1:443"])(
    "is not %j",
    (text) => {
      expect(parseAddress(text)).toBeNull();
    },
  );
});

describe("the address of a Gateway", () => {
  function gateway(addresses: readonly string[]): Gateway {
    return {
      metadata: { name: "shared" },
      spec: {
        listeners: [
          { name: "web", port: 80, protocol: "HTTP" },
          { name: "other", port: 8443, protocol: "TLS", hostname: "other.example.com" },
          { name: "any", port: 9443, protocol: "TLS", hostname: "*.example.com" },
        ],
      },
      status: { addresses: addresses.map((value) => ({ value })) },
    };
  }

  test("has the port of the listener that takes TLS for the host", () => {
    expect(gatewayAddress(gateway(["10.0.0.7"]), null, host)).toEqual({ host: "10.0.0.7", port: 9443 });
    expect(gatewayAddress(gateway(["10.0.0.7"]), null, "other.example.com")).toEqual({ host: "10.0.0.7", port: 8443 });
  });

  test("has the port of the listener that is named", () => {
    expect(gatewayAddress(gateway(["lb.example.net"]), "other", host)).toEqual({ host: "lb.example.net", port: 8443 });
  });

  test("is not known before the Gateway has one, or without a listener for the host", () => {
    expect(gatewayAddress(gateway([]), null, host)).toBeNull();
    expect(gatewayAddress(gateway(["10.0.0.7"]), null, "vault.example.org")).toBeNull();
  });
});

describe("the resource", () => {
  const target = { kubeContext: "nowhere", namespace: "v", statefulSet: "v", pods: ["v-0"], port: 8200, tls: null };
  const inputs: ServedCertificateInputs = {
    target,
    host,
    entrance: { kind: "address", address: "10.0.0.7:443" },
    protocolVersion: 1,
  };
  const outputs: ServedCertificateOutputs = { ...inputs, passesThrough: true };

  test("tells every fault of its inputs at once", async () => {
    const wrong = { target, host: "", entrance: { kind: "address", address: "x" }, protocolVersion: 0 };
    const { failures } = await resource.check(inputs, wrong as ServedCertificateInputs);
    expect(failures?.map(({ property }) => property)).toEqual(["host", "entrance.address", "protocolVersion"]);
  });

  test("takes names that are not known before the first up", async () => {
    const entrance = { kind: "gateway", namespace: unknownValue, name: unknownValue, listener: null };
    const { failures } = await resource.check(inputs, { ...inputs, entrance } as ServedCertificateInputs);
    expect(failures).toEqual([]);
  });

  test("takes pods with the name of their Secret", async () => {
    const entrance = { kind: "pods", secret: "", fingerprint: null } as const;
    const { failures } = await resource.check(inputs, { ...inputs, entrance });
    expect(failures?.map(({ property }) => property)).toEqual(["entrance.secret"]);
  });

  test("waits again when the program issues another certificate, and never for one that others renew", async () => {
    const pods = { kind: "pods", secret: "vault-tls", fingerprint: null } as const;
    const issued = { ...pods, fingerprint: "a" };
    expect(await resource.diff("id", { ...outputs, entrance: pods }, { ...inputs, entrance: pods })).toEqual({
      changes: false,
    });
    expect(
      await resource.diff(
        "id",
        { ...outputs, entrance: issued },
        { ...inputs, entrance: { ...issued, fingerprint: "b" } },
      ),
    ).toEqual({ changes: true });
  });

  test("has nothing to change while the cluster cannot be asked", async () => {
    expect(await resource.diff("id", outputs, inputs)).toEqual({ changes: false });
  });

  test("is proved again when a refresh has seen another certificate, or anything is asked otherwise", async () => {
    expect(await resource.diff("id", { ...outputs, passesThrough: false }, inputs)).toEqual({ changes: true });
    expect(await resource.diff("id", outputs, { ...inputs, host: "v.example.com" })).toEqual({ changes: true });
  });
});

import { describe, expect, test } from "vitest";
import { commonNameOf } from "../../../shared/common-name.ts";
import { hostAndPort, isHost, parseUrl } from "../../../shared/host.ts";
import { isPinnedImage } from "../../../shared/image-reference.ts";
import { isDataKey, isLabel, isSubdomain } from "../../../shared/kubernetes-name.ts";
import { isCertificates } from "../../../shared/pem.ts";

/** Rules of those who define the names, by examples. That Kubernetes and registries themselves agree is not shown. */

const a = (length: number) => "a".repeat(length);
const hash = (length: number) => "0".repeat(length);

describe.each<[string, (text: string) => boolean, string[], string[]]>([
  ["a label of Kubernetes", isLabel, ["a", "0", "a-b", a(63)], ["", "-a", "a-", "A", "a.b", "a_b", a(64), "a\n"]],
  [
    "a subdomain of Kubernetes",
    isSubdomain,
    ["a", "shop.api", "a-b.c", a(253), `${a(70)}.b`],
    ["", ".a", "a.", "a..b", "a.-b", "a-.b", "A", "a/b", a(254)],
  ],
  [
    "a key of a Secret",
    isDataKey,
    ["a", "A_b-c.d", ".env", "_", "-", a(253)],
    ["", ".", "..", "..a", "a/b", "a b", "ä", "a\nb", a(254)],
  ],
  [
    "a host",
    isHost,
    ["a", "db.example.com", "DB.Example.COM", "xn--e1afmkfd.xn--p1ai", "1password.com", "10.0.0.5", "fd00::10", "::1"],
    [
      "",
      "[fd00::10]",
      "db:5432",
      "10.0.0.5:80",
      "a..b",
      "a.",
      ".a",
      "-a",
      "a-",
      "a_b",
      "1.2.3",
      "256.1.1.1",
      "fe80::1%eth0",
      "::g",
      a(64),
      "ä.de",
      "http://a",
      "a b",
    ],
  ],
  [
    "an image that stays the same",
    isPinnedImage,
    [
      "vault:1.21.0",
      "hashicorp/vault:1.21.0",
      "localhost:5000/vault:1",
      "Registry.Example.com:5000/team/a__b/c--d:1.0-UBI",
      "[fd00::1]:5000/vault:1",
      `vault@sha256:${hash(64)}`,
      `vault:1.0-UBI@sha256:${hash(64)}`,
      `vault:latest@sha256:${hash(64)}`,
      `vault@sha512:${hash(128)}`,
    ],
    [
      "",
      "vault",
      "vault:latest",
      "registry:5000/vault",
      "a//b:1",
      "a/:1",
      "a..b:1",
      "a___b:1",
      "team/Vault:1",
      "vault:",
      "vault:.1",
      `vault:${a(129)}`,
      `vault@sha256:${hash(63)}`,
      `vault@md5:${hash(32)}`,
      "a b:1",
      `${a(256)}:1`,
    ],
  ],
])("%s", (_what, holds, good, bad) => {
  test.each(good)("may be %j", (text) => {
    expect(holds(text)).toBe(true);
  });

  test.each(bad)("may not be %j", (text) => {
    expect(holds(text)).toBe(false);
  });
});

test.each([
  ["10.0.0.5", "10.0.0.5:80"],
  ["node.example.com", "node.example.com:80"],
  ["fd00::10", "[fd00::10]:80"],
])("host %s and a port are written %s", (host, text) => {
  expect(hostAndPort(host, 80)).toBe(text);
});

test.each([
  ["https://vault.example.com", { scheme: "https", host: "vault.example.com", port: undefined }],
  ["http://[fd00::1]:8200", { scheme: "http", host: "fd00::1", port: 8200 }],
  ["https://a/b?c=d", { scheme: "https", host: "a", path: "/b", query: "?c=d" }],
])("the URL %s is read as it is written", (text, parts) => {
  expect(parseUrl(text)).toMatchObject(parts);
});

test.each([
  "https://",
  " https://a",
  "https://a ",
  "https://a\n",
  "https://u@a",
  "https://:p@a",
  "https://a#b",
  "https://a:0",
  "https://a:65536",
  "https://a:",
  "https://fd00::1",
  "https://[fd00::1",
  "https://1.2.3",
  "https://a\\b",
  "//a",
  "a:80",
])("%j is no URL of a service", (text) => {
  expect(parseUrl(text)).toBeNull();
});

test("a common name has at most 64 characters, and is left out beyond", () => {
  expect(commonNameOf(a(64))).toEqual({ commonName: a(64) });
  expect(commonNameOf(a(65))).toEqual({});
});

const block = (name: string, body = "MIIB") => `-----BEGIN ${name}-----\n${body}\n-----END ${name}-----\n`;

test("certificates may come several at once, with comments", () => {
  expect(isCertificates(`# one\n${block("CERTIFICATE")}\n# two\r\n${block("CERTIFICATE")}`)).toBe(true);
});

test.each([
  ["nothing", ""],
  ["a private key", block("PRIVATE KEY")],
  ["a private key behind a certificate", block("CERTIFICATE") + block("EC PRIVATE KEY")],
  ["half a certificate", block("CERTIFICATE").slice(0, -10)],
  ["no base64", block("CERTIFICATE", "no!base64")],
])("%s is no certificate", (_what, text) => {
  expect(isCertificates(text)).toBe(false);
});

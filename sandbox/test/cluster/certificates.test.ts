import { createPrivateKey, createPublicKey, sign, verify, X509Certificate } from "node:crypto";
import { createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { createAuthority, createSigningKeys } from "../../cluster/certificates.ts";

test("a server with an issued certificate is trusted by whoever trusts the authority", async () => {
  const authority = await createAuthority("an authority");
  const { certificate, key } = await authority.issue({ name: "a server", hosts: ["127.0.0.1", "localhost"] });
  const server = createServer({ cert: certificate, key }, (_, response) => response.end("hello"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const status = await new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, ca: authority.certificate, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
  server.close();
  expect(status).toBe(200);
});

test("user and group of a client are what the API server reads", async () => {
  const authority = await createAuthority("an authority");
  const { certificate } = await authority.issue({ name: "system:node:n", group: "system:nodes" });
  const { subject, ca } = new X509Certificate(certificate);
  expect(subject.split("\n").sort()).toEqual(["CN=system:node:n", "O=system:nodes"]);
  expect(ca).toBe(false);
});

test("a certificate is not accepted by another authority", async () => {
  const [mine, other] = await Promise.all([createAuthority("mine"), createAuthority("other")]);
  const { certificate } = await mine.issue({ name: "a client" });
  expect(new X509Certificate(certificate).verify(new X509Certificate(mine.certificate).publicKey)).toBe(true);
  expect(new X509Certificate(certificate).verify(new X509Certificate(other.certificate).publicKey)).toBe(false);
});

test("the keys of service accounts sign and verify", async () => {
  const { privateKey, publicKey } = await createSigningKeys();
  const text = Buffer.from("a token");
  const signature = sign("sha256", text, createPrivateKey(privateKey));
  expect(verify("sha256", text, createPublicKey(publicKey), signature)).toBe(true);
});

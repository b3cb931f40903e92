import { beforeEach, expect, test } from "vitest";
import type { KubeApi } from "../../../kube/kube-client.ts";
import { isTransient, KubeError } from "../../../kube/kube-error.ts";
import type { Secret } from "../../../kube/kube-objects.ts";
import { FakeKubernetes } from "../../support/fake-kubernetes.ts";

let fake: FakeKubernetes;
let kube: KubeApi;

beforeEach(async () => {
  fake = new FakeKubernetes("vault", "vault", [{ name: "vault-0", port: () => 1 }]);
  await fake.listen();
  kube = fake.api("run");
  return () => fake.close();
});

const secret: Secret = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { namespace: "vault", name: "keys" },
  data: { value: "c2VjcmV0LXZhbHVl" },
};

async function failure(call: Promise<unknown>): Promise<KubeError> {
  const error: unknown = await call.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(KubeError);
  return error as KubeError;
}

test("what does not exist reads as null", async () => {
  expect(await kube.readSecret("vault", "keys")).toBeNull();
  expect(await kube.readPod("vault", "vault-9")).toBeNull();
});

test("creating twice is a conflict", async () => {
  await kube.createSecret(secret);
  expect((await failure(kube.createSecret(secret))).kind).toBe("conflict");
});

test("replacing anything but the newest version is a conflict", async () => {
  const first = await kube.createSecret(secret);
  await kube.replaceSecret(first);
  expect((await failure(kube.replaceSecret(first))).kind).toBe("conflict");
});

test("a pod of the same name that came later is not deleted", async () => {
  const uid = (await kube.readPod("vault", "vault-0"))?.metadata.uid ?? "";
  fake.restartPod("vault-0");
  const successor = await kube.readPod("vault", "vault-0");
  await kube.deletePod("vault", "vault-0", uid);
  expect(await kube.readPod("vault", "vault-0")).toEqual(successor);
});

test("a read is repeated while the server is overloaded, a write never", async () => {
  let left = 2;
  fake.server.wire = () => (left-- > 0 ? { kind: "answer", status: 503, body: {} } : null);
  expect(await kube.readSecret("vault", "keys")).toBeNull();
  left = 1;
  expect(isTransient(await failure(kube.createSecret(secret)))).toBe(true);
  expect(fake.objects.has("secrets/keys")).toBe(false);
});

test("a refusal is named by its kind and repeats nothing that was sent", async () => {
  fake.server.wire = () => ({ kind: "answer", status: 403, body: { kind: "Status", message: "secrets is forbidden" } });
  const error = await failure(kube.createSecret(secret));
  expect(error.kind).toBe("forbidden");
  expect(error.message).toContain("secrets is forbidden");
  expect(error.message).not.toContain("c2VjcmV0LXZhbHVl");
});

test("a server that is gone is unreachable", async () => {
  await fake.close();
  const error = await failure(kube.createSecret(secret));
  expect(error.kind).toBe("unreachable");
  expect(error.message).toContain("API server 127.0.0.1");
});

test("asks about its own rights", async () => {
  fake.denied.add("update");
  const question = { namespace: "vault", group: "", resource: "secrets", name: "keys" };
  expect((await kube.mayI({ ...question, verb: "get" })).allowed).toBe(true);
  expect((await kube.mayI({ ...question, verb: "update" })).allowed).toBe(false);
});

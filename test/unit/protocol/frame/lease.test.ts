import { beforeEach, expect, test } from "vitest";
import { type HeldLease, LeaseLost, takeLease } from "../../../../protocol/frame/lease.ts";
import { FakeKubernetes } from "../../../support/fake-kubernetes.ts";
import { fastClock } from "../../../support/vault-world.ts";

let fake: FakeKubernetes;
const clock = fastClock(20);
let lives: AbortController[];

beforeEach(async () => {
  lives = [];
  fake = new FakeKubernetes("vault", "vault", []);
  await fake.listen();
  return async () => {
    lives.forEach((life) => {
      life.abort();
    });
    await fake.close();
  };
});

function take(holder: string, patience = 40_000): Promise<HeldLease> {
  const life = new AbortController();
  lives.push(life);
  const terms = { seconds: 10, patience };
  return takeLease({
    kube: fake.api(holder),
    clock,
    namespace: "vault",
    name: "vault-init",
    holder,
    terms,
    life: life.signal,
  });
}

test("a lease nobody holds is taken at once, and given back", async () => {
  const held = await take("first");
  expect(fake.get("leases", "vault-init")).toMatchObject({
    spec: { holderIdentity: "first", leaseDurationSeconds: 10 },
  });
  await held.release();
  await take("second");
  expect(fake.get("leases", "vault-init")).toMatchObject({ spec: { holderIdentity: "second" } });
});

test("times carry the microseconds Kubernetes insists on", async () => {
  await take("first");
  const { spec } = fake.get("leases", "vault-init") as unknown as { spec: { renewTime: string } };
  expect(spec.renewTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
});

test("a holder that keeps renewing is not pushed aside", async () => {
  await take("first");
  const error: unknown = await take("second", 30_000).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(LeaseLost);
  expect((error as LeaseLost).holder).toBe("first");
});

test("a holder that died is waited for one whole term, whatever its clock said", async () => {
  await take("first");
  lives[0]?.abort();
  fake.set("leases", "vault-init", (lease) => {
    (lease["spec"] as { renewTime: string }).renewTime = "2001-01-01T00:00:00.000000Z";
  });
  const start = clock.now();
  await take("second");
  expect(clock.now() - start).toBeGreaterThan(10_000);
});

test("of two that ask at once one gets it", async () => {
  const outcomes = await Promise.allSettled([take("first", 5_000), take("second", 5_000)]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
});

test("a holder that was pushed aside finds out when it confirms", async () => {
  const held = await take("first");
  lives[0]?.abort();
  await take("second");
  await expect(held.confirm()).rejects.toThrow("held by another run (second)");
  await held.release();
  expect(fake.get("leases", "vault-init")).toMatchObject({ spec: { holderIdentity: "second" } });
});

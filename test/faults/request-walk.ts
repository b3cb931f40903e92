import { describe, expect, test } from "vitest";
import { casesOfRequests, type RequestScenario, RequestWalk } from "../support/request-walk.ts";

const timeoutMs = 180_000;

/** A runbook, the next command, or which request to whom was not done. */
const saysWhat =
  /docs\/(?:runbooks|guides)\/|run `up`|\b(?:GET|POST|PUT|PATCH|DELETE) \S+|pod \S+: |Postgres at |vault lease/;

/**
 * Walks through one scenario of a resource that has no steps: a test for each of its requests times the faults. After
 * the fault comes one plain run, which must succeed.
 *
 * It does not prove what Vault, Postgres or Kubernetes do themselves when they are killed.
 */
export async function walkRequests(scenario: RequestScenario): Promise<void> {
  const cases = await casesOfRequests(scenario);
  describe.concurrent(`${scenario.name}, and it is`, () => {
    for (const faultCase of cases) {
      test(
        `${faultCase.title}: the next run converges`,
        async () => {
          const walk = await RequestWalk.open(scenario, faultCase);
          try {
            const faulted = await walk.attemptWith(faultCase);
            expect(walk.isMet, "the fault came to pass").toBe(true);
            if (faulted?.kind === "failed") expect(faulted.message).toMatch(saysWhat);
            expect((await walk.at.harmBetween?.()) ?? [], `right after ${JSON.stringify(faulted)}`).toEqual([]);
            expect(await walk.attempt(), `after the fault: ${JSON.stringify(faulted)}`).toEqual({ kind: "up" });
            expect(await walk.at.harm(faultCase), `after the fault: ${JSON.stringify(faulted)}`).toEqual([]);
            expect(walk.leaks()).toEqual([]);
          } finally {
            await walk.close();
          }
        },
        timeoutMs,
      );
    }
  });
}

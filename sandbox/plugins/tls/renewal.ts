import type { DraftObject, JsonObject } from "../shared/property.ts";
import type { DiffRequest, DiffResult, ResourceType } from "../shared/provider.ts";
import type { PropertyRules } from "../shared/schema.ts";
import { structuralDiff, type Change } from "../shared/structural-diff.ts";

/**
 * How a certificate that lives in the state alone is compared, read, updated and deleted; it is renewed by replacement.
 */
export function renewable(
  rules: PropertyRules,
  now: () => Date,
): Required<Pick<ResourceType, "diff" | "read" | "update" | "delete">> {
  return {
    diff: ({ oldInputs, oldOutputs, news }: DiffRequest): DiffResult => {
      const changes = structuralDiff(oldInputs, news, rules);
      return { changes: isDue(oldOutputs, news, now()) ? [...changes, renewal] : changes };
    },
    read: ({ id, outputs }) =>
      Promise.resolve(
        Object.keys(outputs).length === 0
          ? undefined
          : { id, outputs: { ...outputs, readyForRenewal: isDue(outputs, outputs, now()) } },
      ),
    update: ({ news, oldOutputs }): Promise<JsonObject> => Promise.resolve({ ...oldOutputs, ...news }),
    delete: () => Promise.resolve(),
  };
}

const renewal: Change = {
  path: "readyForRenewal",
  property: "readyForRenewal",
  kind: "update",
  replace: true,
  isOutput: true,
};

function isDue({ validityEndTime }: DraftObject, { earlyRenewalHours }: DraftObject, now: Date): boolean {
  if (typeof validityEndTime !== "string") return false;
  const early = typeof earlyRenewalHours === "number" ? earlyRenewalHours : 0;
  return now.getTime() >= Date.parse(validityEndTime) - early * 3_600_000;
}

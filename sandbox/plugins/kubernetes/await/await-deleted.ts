import type { JsonObject } from "../../shared/property.ts";
import type { OperationLog } from "../../shared/provider.ts";
import type { ObjectReference, Objects } from "../api/objects.ts";
import { at, listAt, textAt } from "../object/fields.ts";
import { conditionOf } from "./conditions.ts";
import { NotReadyError } from "./await-ready.ts";
import { poll, type PollOptions } from "./polling.ts";

/**
 * Returns once the object is gone, or another one has taken its name.
 * @throws NotReadyError when it is still there, naming the finalizers that hold it
 */
export async function awaitDeleted(
  objects: Objects,
  reference: ObjectReference,
  live: JsonObject,
  options: PollOptions & { readonly log: OperationLog },
): Promise<void> {
  let last = live;
  let status = "";
  const outcome = await poll(async (signal) => {
    const found = await objects.find(reference, signal);
    if (found === undefined || at(found, "metadata", "uid") !== at(live, "metadata", "uid")) return true;
    last = found;
    const [progress = "Waiting for the deletion"] = holders(found);
    if (progress !== status) options.log.status(progress);
    status = progress;
    return undefined;
  }, options);
  if (outcome === true) return;
  const headline = outcome === "cancelled" ? "Resource operation was cancelled" : "timed out waiting to be deleted";
  throw new NotReadyError(last, `'${reference.name}' ${headline}`, holders(last));
}

function holders(object: JsonObject): string[] {
  const finalizers = [...listAt(object, "metadata", "finalizers"), ...listAt(object, "spec", "finalizers")]
    .map(String)
    .filter((finalizer) => !ordinaryFinalizers.has(finalizer));
  const remaining = ["NamespaceContentRemaining", "NamespaceFinalizersRemaining"]
    .map((type) => conditionOf(object, type))
    .filter((condition) => textAt(condition, "status") === "True")
    .map((condition) => textAt(condition, "message"));
  return [
    ...remaining,
    ...(finalizers.length === 0 ? [] : [`finalizers might be preventing deletion (${finalizers.join(", ")})`]),
  ];
}

/** Those of the deletion itself, which controllers of the cluster take away. */
const ordinaryFinalizers: ReadonlySet<string> = new Set(["foregroundDeletion", "kubernetes"]);

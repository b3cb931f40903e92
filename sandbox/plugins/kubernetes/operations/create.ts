import { PluginError } from "../../shared/errors.ts";
import type { JsonObject } from "../../shared/property.ts";
import type { OperationLog } from "../../shared/provider.ts";
import { isAlreadyExists, isNotFound } from "../api/api-error.ts";
import { referenceOf, type Objects } from "../api/objects.ts";
import { poll } from "../await/polling.ts";
import { nameOf, namespaceOf, textAt } from "../object/fields.ts";
import { creatingManager } from "../object/managed-fields.ts";

/**
 * Creates an object. Its namespace, or the definition of its kind, may be about to be made by the same run, so a
 * missing one is waited for, not long.
 * @throws PluginError when the object exists already: it is not the program's
 */
export async function createObject(
  objects: Objects,
  object: JsonObject,
  signal: AbortSignal,
  log: OperationLog,
): Promise<JsonObject> {
  let missing: unknown;
  const outcome = await poll(
    async () => {
      try {
        return { created: await objects.create(object, { fieldManager: creatingManager }, signal) };
      } catch (error) {
        if (isAlreadyExists(error)) throw await alreadyExists(objects, object, signal);
        if (!isNotFound(error)) throw error;
        missing = error;
        log.status(`Retrying; creation failed: ${error instanceof Error ? error.message : String(error)}`);
        return undefined;
      }
    },
    // Without an answer nobody knows whether it was created, and another try could meet its own object.
    { timeoutMilliseconds: prerequisiteDeadline, signal, patient: false },
  );
  if (typeof outcome === "object") return outcome.created;
  if (outcome === "cancelled")
    throw new PluginError(`${nameOf(object)}: the operation was cancelled before it was created`);
  throw missing;
}

const prerequisiteDeadline = 30_000;

async function alreadyExists(objects: Objects, object: JsonObject, signal: AbortSignal): Promise<PluginError> {
  const where = namespaceOf(object) === "" ? "" : ` in namespace ${namespaceOf(object)}`;
  const what = `${textAt(object, "kind")} ${nameOf(object)}${where}: AlreadyExists`;
  const existing = await objects.find(referenceOf(object), signal).catch(() => undefined);
  // `skipAwait` also skips waiting for the deletion, and so a replacement can meet what it replaces.
  if (textAt(existing, "metadata", "deletionTimestamp") !== "") {
    return new PluginError(`${what}: must be gone before it is created anew, got one still being deleted; run again`);
  }
  return new PluginError(
    `${what}: must not exist before this program creates it, got one that does; ` +
      "import it, delete it, or give an alias when it was renamed in the program",
  );
}

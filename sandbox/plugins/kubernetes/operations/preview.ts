import { hasUnknown, known, type DraftObject, type JsonObject } from "../../shared/property.ts";
import { isAlreadyExists, isForbidden, isNotFound, isTransient } from "../api/api-error.ts";
import type { Cluster } from "../cluster.ts";
import { omit } from "../object/fields.ts";
import { creatingManager } from "../object/managed-fields.ts";
import { inProgramSpelling } from "../object/schema-extensions.ts";
import { wireObject } from "../object/wire.ts";
import { updateObject, type UpdateOptions } from "./update.ts";

/**
 * What a create would make, by the server's word where it can be asked: a misspelt field fails the preview already.
 * A preview never fails because something it needs does not exist yet; then the inputs are all that is known.
 */
export async function previewCreate(cluster: Cluster, news: DraftObject): Promise<DraftObject> {
  return dryRun(cluster, news, isInConflictOrMissing, (object) =>
    cluster.objects.create(object, { fieldManager: creatingManager, dryRun: true }),
  );
}

/** What an update would make. Fails when the object is gone, as the update would. */
export async function previewUpdate(cluster: Cluster, news: DraftObject, options: UpdateOptions): Promise<DraftObject> {
  return dryRun(
    cluster,
    news,
    () => false,
    (object) => updateObject(cluster.objects, object, options),
  );
}

async function dryRun(
  cluster: Cluster,
  news: DraftObject,
  isExpected: (error: unknown) => boolean,
  ask: (object: JsonObject) => Promise<JsonObject>,
): Promise<DraftObject> {
  if (hasUnknown(news) || (await cluster.unreachable()) !== undefined) return news;
  const inputs = known(news);
  try {
    return omit(inProgramSpelling(await ask(wireObject(inputs))), ["status"]);
  } catch (error) {
    if (isExpected(error) || isForbidden(error) || isTransient(error) || isDryRunRefused(error)) return news;
    throw error;
  }
}

/** The namespace or the kind may come first in the same run; a replacement may have the name of what it replaces. */
function isInConflictOrMissing(error: unknown): boolean {
  return isAlreadyExists(error) || isNotFound(error);
}

/** Some admission webhooks have side effects and take no part in dry runs. */
function isDryRunRefused(error: unknown): boolean {
  return error instanceof Error && error.message.includes("does not support dry run");
}

import { createHash, randomBytes } from "node:crypto";
import { isObject, Unknown, type DraftObject } from "../../shared/property.ts";
import { annotations } from "./annotations.ts";
import { draftAt } from "./inputs.ts";

/**
 * The inputs with a name. A name the program gives stays; otherwise the generated one of the last run is kept, or
 * `<resource name>-<8 hexadecimal digits>` is made. Generated names are marked by an annotation, so that later runs
 * know that a replacement may take another name and need not delete first.
 */
export function named(news: DraftObject, olds: DraftObject, resourceName: string, seed: Uint8Array): DraftObject {
  const metadata = draftAt(news, "metadata");
  if (news["metadata"] instanceof Unknown || hasName(metadata)) return news;
  const kept = isAutonamed(olds) ? draftAt(olds, "metadata")["name"] : undefined;
  const name = kept ?? `${resourceName}-${suffix(seed)}`;
  const given = metadata["annotations"];
  const marked =
    given instanceof Unknown ? given : { ...(isObject(given) ? given : {}), [annotations.autonamed]: "true" };
  return { ...news, metadata: { ...metadata, name, annotations: marked } };
}

/** Whether the provider chose the object's name. */
export function isAutonamed(object: DraftObject): boolean {
  return draftAt(draftAt(object, "metadata"), "annotations")[annotations.autonamed] === "true";
}

/** Whether the server is asked to choose the name, which server-side apply cannot do. */
export function isServerNamed(object: DraftObject): boolean {
  const metadata = draftAt(object, "metadata");
  return !hasName(metadata) && (metadata["generateName"] ?? "") !== "";
}

function hasName(metadata: DraftObject): boolean {
  const name = metadata["name"];
  return name instanceof Unknown || (typeof name === "string" && name !== "");
}

/** From the engine's seed where there is one, so that preview and update of one plan agree. */
function suffix(seed: Uint8Array): string {
  const bytes = seed.length > 0 ? createHash("sha256").update(seed).digest() : randomBytes(4);
  return bytes.subarray(0, 4).toString("hex");
}

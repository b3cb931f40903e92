import type { DraftObject } from "../../shared/property.ts";
import type { DiffRequest, DiffResult } from "../../shared/provider.ts";
import type { Settings } from "../settings.ts";
import { isAutonamed } from "./autoname.ts";
import { draftAt, normalised } from "./inputs.ts";
import { objectChanges } from "./object-diff.ts";
import { replacingPaths } from "./replacement.ts";
import type { GroupVersionKind } from "./type-token.ts";

/**
 * What changes from what was applied to what the program declares now. A replacement that keeps its name must delete
 * first; one with a generated name gets another and can be made beside the old object.
 */
export function diffObject(
  kind: GroupVersionKind,
  { enableConfigMapMutable, enableSecretMutable }: Pick<Settings, "enableConfigMapMutable" | "enableSecretMutable">,
  { oldInputs, news }: Pick<DiffRequest, "oldInputs" | "news">,
): DiffResult {
  const mutability = { configMaps: enableConfigMapMutable, secrets: enableSecretMutable };
  const changes = objectChanges(normalised(oldInputs), normalised(news), replacingPaths(kind, news, mutability));
  return { changes, deleteBeforeReplace: !isAutonamed(news) && isSameObject(oldInputs, news) };
}

function isSameObject(olds: DraftObject, news: DraftObject): boolean {
  const [before, after] = [draftAt(olds, "metadata"), draftAt(news, "metadata")];
  return before["name"] === after["name"] && before["namespace"] === after["namespace"];
}

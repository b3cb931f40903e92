import type { JsonObject } from "../../shared/property.ts";
import { inApiSpelling } from "./schema-extensions.ts";
import { withEncodedData } from "./secret-data.ts";

/** The inputs in the form the API server gets. */
export function wireObject(inputs: JsonObject): JsonObject {
  return withEncodedData(inApiSpelling(inputs));
}

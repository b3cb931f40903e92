import { isObject, type JsonObject } from "../../shared/property.ts";
import { at, objectAt, omit, textAt } from "./fields.ts";

/**
 * A Secret with its `stringData` as `data`, as the server would store it: server-side apply owns the fields that were
 * sent, and a field sent under another name than the stored one would be removed again. Other objects as they are.
 */
export function withEncodedData(object: JsonObject): JsonObject {
  const text = at(object, "stringData");
  if (!isSecret(object) || !isObject(text)) return object;
  const encoded = Object.fromEntries(
    Object.keys(text).map((key) => [key, Buffer.from(textAt(text, key), "utf8").toString("base64")]),
  );
  return { ...omit(object, ["stringData"]), data: { ...objectAt(object, "data"), ...encoded } };
}

/**
 * A Secret with its `data` also as `stringData`, for the keys the program gave as text: the server stores those encoded
 * and forgets the text. Other objects as they are.
 */
export function withDecodedData(object: JsonObject, inputs: JsonObject): JsonObject {
  const given = at(inputs, "stringData");
  if (!isSecret(inputs) || !isObject(given)) return object;
  const data = objectAt(object, "data");
  const decoded = Object.keys(given)
    .filter((key) => data[key] !== undefined)
    .map((key): [string, string] => [key, Buffer.from(textAt(data, key), "base64").toString("utf8")]);
  return { ...object, stringData: Object.fromEntries(decoded) };
}

function isSecret(object: JsonObject): boolean {
  return textAt(object, "apiVersion") === "v1" && textAt(object, "kind") === "Secret";
}

import { PluginError } from "../../shared/errors.ts";
import { isObject, type Json, type JsonObject } from "../../shared/property.ts";
import { annotations } from "../object/annotations.ts";
import { annotationOf, textAt } from "../object/fields.ts";
import { conditionOf } from "./conditions.ts";
import { parseJsonPath } from "./json-path.ts";
import { ready, waiting, type Readiness, type ReadinessRule } from "./readiness.ts";

/**
 * The rule an object's `pulumi.com/waitFor` asks for: `condition=<type>[=<status>]`, `jsonpath={<path>}[=<value>]`, or
 * a JSON list of them that must all hold. Undefined without the annotation.
 * @throws PluginError when the expression is neither
 */
export function waitForRule(object: JsonObject): ReadinessRule | undefined {
  const annotation = annotationOf(object, annotations.waitFor);
  if (annotation === "") return undefined;
  const expressions = expressionsOf(annotation).map(parseExpression);
  return {
    assess: (live) => {
      const unmet = expressions.map((holds) => holds(live)).find((readiness) => !readiness.ready);
      return unmet ?? ready(`${annotation} holds`);
    },
  };
}

type Expression = (object: JsonObject) => Readiness;

function expressionsOf(annotation: string): readonly string[] {
  if (!annotation.startsWith("[")) return [annotation];
  const parsed = parsedList(annotation);
  if (parsed.length > 0 && parsed.every((expression) => typeof expression === "string")) return parsed;
  return fail("must be an expression or a JSON list of them", annotation);
}

function parsedList(annotation: string): readonly Json[] {
  try {
    const parsed = JSON.parse(annotation) as Json;
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

function parseExpression(expression: string): Expression {
  if (expression.startsWith("condition=")) return conditionExpression(expression.slice("condition=".length));
  if (expression.startsWith("jsonpath=")) return pathExpression(expression.slice("jsonpath=".length));
  return fail('must begin with "condition=" or "jsonpath="', expression);
}

function conditionExpression(expression: string): Expression {
  const [type = "", status = "True"] = expression.split("=");
  return (object) => {
    const condition = conditionOf(object, type);
    const found = textAt(condition, "status");
    if (found.toLowerCase() === status.toLowerCase()) return ready(`condition ${type} is ${status}`);
    const message = textAt(condition, "message");
    return waiting(`Waiting for condition ${type} to be ${status}`, [
      `condition ${type} is ${found === "" ? "absent" : found}, not ${status}${message === "" ? "" : `: ${message}`}`,
    ]);
  };
}

function pathExpression(expression: string): Expression {
  const match = /^\{\s*(.*?)\s*\}(?:=(.+))?$/s.exec(expression);
  if (match === null) return fail("must be jsonpath={<path>} or jsonpath={<path>}=<value>", expression);
  const [, path = "", wanted] = match;
  const select = parseJsonPath(path);
  return (object) => {
    const [found] = select(object);
    if (found === undefined) return waiting(`Waiting for ${path} to exist`, [`${path} selects nothing`]);
    if (wanted === undefined || (!isCompound(found) && String(found) === wanted)) return ready(`${path} holds`);
    return waiting(`Waiting for ${path} to be ${wanted}`, [`${path} is not ${wanted}${shown(object, found)}`]);
  };
}

/** What a Secret holds is nobody's business, whatever is awaited of it. */
function shown(object: JsonObject, found: Json): string {
  if (textAt(object, "kind") === "Secret") return "";
  return `, but ${isCompound(found) ? "no plain value" : String(found)}`;
}

function isCompound(value: Json): value is Json[] | JsonObject {
  return Array.isArray(value) || isObject(value);
}

function fail(rule: string, got: string): never {
  throw new PluginError(`metadata.annotations["${annotations.waitFor}"]: ${rule}, got ${got}; correct it`);
}

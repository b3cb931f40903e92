import { PluginError } from "../../shared/errors.ts";
import { isObject, type Json } from "../../shared/property.ts";

/** A step of a path: from values to the values below them. */
type Step = (values: readonly Json[]) => readonly Json[];

/**
 * Selects with a path such as `.status.conditions[?(@.type=="Ready")].status`: keys, quoted keys, indexes, `[*]` and
 * comparisons of one field with a literal.
 * @throws PluginError for any other expression, which a full implementation might take
 */
export function parseJsonPath(path: string): (value: Json) => readonly Json[] {
  const steps: Step[] = [];
  let rest = path.trim().replace(/^\$/, "");
  while (rest !== "") {
    const form = forms.find(({ pattern }) => pattern.test(rest));
    const match = form?.pattern.exec(rest);
    if (form === undefined || match === undefined || match === null) {
      throw new PluginError(
        `metadata.annotations["pulumi.com/waitFor"]: must be a path of keys, indexes and simple filters, got ${path}; simplify it, or use the official plugin`,
      );
    }
    steps.push(form.step(match));
    rest = rest.slice(match[0].length);
  }
  return (value) => steps.reduce<readonly Json[]>((values, step) => step(values), [value]);
}

interface Form {
  readonly pattern: RegExp;
  readonly step: (match: RegExpExecArray) => Step;
}

const forms: readonly Form[] = [
  { pattern: /^\.?\[\*\]|^\.\*/, step: () => (values) => values.flatMap(members) },
  { pattern: /^\.((?:\\.|[\w-])+)/, step: ([, key = ""]) => keyStep(key.replaceAll(/\\(.)/g, "$1")) },
  { pattern: /^\[(?:'([^']*)'|"([^"]*)")\]/, step: ([, single, double]) => keyStep(single ?? double ?? "") },
  {
    pattern: /^\[(-?\d+)\]/,
    step:
      ([, index]) =>
      (values) =>
        values.flatMap((value) => elementAt(value, Number(index))),
  },
  {
    pattern:
      /^\[\?\s*\(?\s*@((?:\.[\w-]+)+)\s*(==|!=)\s*(?:'([^']*)'|"([^"]*)"|(true|false|-?\d+(?:\.\d+)?))\s*\)?\s*\]/,
    step: ([, path = "", operator, single, double, bare]) =>
      filterStep(path, operator === "==", single ?? double ?? (JSON.parse(bare ?? "null") as Json)),
  },
];

function keyStep(key: string): Step {
  return (values) => values.flatMap((value) => memberAt(value, key));
}

function filterStep(path: string, equal: boolean, literal: Json): Step {
  const select = parseJsonPath(path);
  return (values) => values.flatMap(members).filter((member) => (select(member)[0] === literal) === equal);
}

function memberAt(value: Json, key: string): readonly Json[] {
  const member = isObject(value) ? value[key] : undefined;
  return member === undefined ? [] : [member];
}

function elementAt(value: Json, index: number): readonly Json[] {
  const element = Array.isArray(value) ? value.at(index) : undefined;
  return element === undefined ? [] : [element];
}

function members(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}

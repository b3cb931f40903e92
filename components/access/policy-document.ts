import { fault } from "../../shared/errors.ts";
import { type Duration, durationFaults, isDuration, toSeconds } from "../../shared/units.ts";

/** What Vault lets a token do at a path. */
export type Capability = "create" | "read" | "update" | "patch" | "delete" | "list" | "sudo" | "deny";

/**
 * That an answer is given only wrapped: as a token that whoever comes first exchanges for the answer, within this time.
 */
export interface Wrapping {
  /** Shortest lifetime of the wrapping token that may be requested. */
  readonly min: Duration;
  /** Longest one. */
  readonly max: Duration;
}

/** One path of Vault's API and what may be done with it. */
export interface PolicyRule {
  /**
   * API path without `v1/`; `+` stands for one segment, a final `*` for the rest. A KV v2 secret is
   * `<mount>/data/<name>`.
   */
  readonly path: string;
  /** At least one. `deny` stands alone. */
  readonly capabilities: readonly Capability[];
  /** How answers must be wrapped. @default - as the client likes, or not at all */
  readonly wrapping?: Wrapping;
  /**
   * Why the rule is as wide as it is, in one line; it is written into the policy.
   * @default - none; wildcards, `sudo` and `deny` need one
   */
  readonly because?: string;
}

const capabilityOrder: readonly Capability[] = ["create", "read", "update", "patch", "delete", "list", "sudo", "deny"];

/**
 * Renders a policy as Vault stores it. The same rules in any order give the same text, so a reordering is no change.
 * @param rules The rules; check them with {@link policyFaults}.
 */
export function renderPolicy(rules: readonly PolicyRule[]): string {
  const sorted = [...rules].sort((a, b) => (a.path < b.path ? -1 : 1));
  return sorted.map(renderRule).join("\n");
}

/**
 * Reads a policy that {@link renderPolicy} wrote. Others are refused, since they may contain what no rule here can
 * express.
 * @returns Its rules; null for a text that was written by other means.
 */
export function parsePolicy(text: string): PolicyRule[] | null {
  const written =
    /(?:# (.+)\n)?path "([^"]+)" \{\n {2}capabilities = \[([^\]]*)\]\n(?: {2}min_wrapping_ttl = "(\w+)"\n {2}max_wrapping_ttl = "(\w+)"\n)?\}\n/g;
  const rules = Array.from(text.matchAll(written), ([, because, path = "", listed = "", min = "", max = ""]) => ({
    path,
    capabilities: capabilityOrder.filter((name) => listed.split(", ").includes(JSON.stringify(name))),
    ...(isDuration(min) && isDuration(max) && { wrapping: { min, max } }),
    ...(because !== undefined && { because }),
  }));
  return renderPolicy(rules) === text ? rules : null;
}

/** Every fault of a policy that Vault itself would accept, or would refuse only when it is written. */
export function policyFaults(rules: readonly PolicyRule[]): string[] {
  const none = rules.length === 0 ? [fault("rules", "must hold at least one rule", rules, "name a path")] : [];
  return [...none, ...rules.flatMap((rule, index) => ruleFaults(rule, `rules[${index}]`, rules.slice(0, index)))];
}

/**
 * Why a rule must give a reason: what it covers cannot be seen from its text alone.
 * @returns What makes a reason necessary; empty for a plain rule.
 */
export function needsReason({ path, capabilities }: Pick<PolicyRule, "path" | "capabilities">): string[] {
  return [
    ...(capabilities.includes("sudo") ? ["sudo"] : []),
    ...(capabilities.includes("deny") ? ["deny"] : []),
    ...(/[*+]/.test(path) ? ["a wildcard"] : []),
  ];
}

function ruleFaults(rule: PolicyRule, at: string, earlier: readonly PolicyRule[]): string[] {
  const { path, capabilities, because, wrapping } = rule;
  const faults: string[] = [];
  const pathFault = (must: string, remedy: string): void => void faults.push(fault(`${at}.path`, must, path, remedy));
  if (path === "") pathFault("must be a path", "name an API path such as secret/data/app");
  if (path.startsWith("/")) pathFault("must not start with a slash", "remove it: Vault would never match it");
  if (path.startsWith("v1/")) pathFault("must not carry the API's version", "remove v1/");
  if (/[\s"\\]|\$\{/.test(path)) pathFault("must hold no space, quote, backslash or ${", "remove them");
  if (path.slice(0, -1).includes("*")) pathFault("must have * at its end only", "use + for one segment");
  if (/[^/]\+|\+[^/]/.test(path)) pathFault("must have + as a whole segment", "write it between slashes");
  if (earlier.some((other) => other.path === path)) {
    pathFault("must appear once, because the last one would count alone", "put the capabilities into one rule");
  }
  const capabilityFault = (must: string, remedy: string): void =>
    void faults.push(fault(`${at}.capabilities`, must, capabilities, remedy));
  const reasons = needsReason(rule);
  if (because === undefined ? reasons.length > 0 : !/^[^\n\r]*\S[^\n\r]*$/.test(because)) {
    const must = because === undefined ? `must say why ${path} has ${reasons.join(" and ")}` : "must be a line of text";
    faults.push(fault(`${at}.because`, must, because, "say in a few words why"));
  }
  if (wrapping !== undefined) faults.push(...wrappingFaults(`${at}.wrapping`, wrapping));
  if (capabilities.length === 0) capabilityFault("must hold at least one", 'use ["deny"] to forbid the path');
  if (capabilities.includes("deny") && capabilities.length > 1) {
    capabilityFault("must be deny alone or anything else", "remove deny or the others");
  }
  return faults;
}

function wrappingFaults(at: string, { min, max }: Wrapping): string[] {
  const faults = [...durationFaults(`${at}.min`, min), ...durationFaults(`${at}.max`, max)];
  if (faults.length > 0 || toSeconds(min) <= toSeconds(max)) return faults;
  return [fault(`${at}.max`, `must be at least the min of ${min}`, max, "raise it or lower the min")];
}

function renderRule({ path, capabilities, wrapping, because }: PolicyRule): string {
  const listed = capabilityOrder.filter((capability) => capabilities.includes(capability));
  const reason = because === undefined ? "" : `# ${because}\n`;
  const wrapped =
    wrapping === undefined ? "" : `  min_wrapping_ttl = "${wrapping.min}"\n  max_wrapping_ttl = "${wrapping.max}"\n`;
  return `${reason}path ${JSON.stringify(path)} {\n  capabilities = [${listed.map((name) => JSON.stringify(name)).join(", ")}]\n${wrapped}}\n`;
}

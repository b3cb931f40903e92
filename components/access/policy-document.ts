import { fault } from "../shared/errors.ts";

/** What Vault lets a token do with a path. */
export type Capability = "create" | "read" | "update" | "patch" | "delete" | "list" | "sudo" | "deny";

/** One path of Vault's API and what may be done with it. */
export interface PolicyRule {
  /** API path without `v1/`; `+` stands for one segment, a final `*` for the rest. A KV v2 secret is `<mount>/data/<name>`. */
  readonly path: string;
  /** At least one. `deny` stands alone. */
  readonly capabilities: readonly Capability[];
  /** Why the rule is as wide as it is, in one line; it stands in the policy. @default - none; `sudo` and paths of wildcards only need one */
  readonly because?: string;
}

const capabilityOrder: readonly Capability[] = ["create", "read", "update", "patch", "delete", "list", "sudo", "deny"];

/**
 * Renders a policy as Vault stores it. The same rules in any order give the same text, so a reordering is no change.
 * @param rules The rules; check them with {@link policyFaults}.
 * @returns The policy in HCL.
 */
export function renderPolicy(rules: readonly PolicyRule[]): string {
  const sorted = [...rules].sort((a, b) => (a.path < b.path ? -1 : 1));
  return sorted.map(renderRule).join("\n");
}

/**
 * Reads a policy that {@link renderPolicy} wrote. Others, which may hold what no rule here can say, are refused.
 * @param text The policy in HCL.
 * @returns Its rules; null for a text of another hand.
 */
export function parsePolicy(text: string): PolicyRule[] | null {
  const written = /(?:# (.+)\n)?path "([^"]+)" \{\n {2}capabilities = \[([^\]]*)\]\n\}\n/g;
  const rules = Array.from(text.matchAll(written), ([, because, path = "", listed = ""]): PolicyRule => ({
    path,
    capabilities: capabilityOrder.filter((name) => listed.split(", ").includes(JSON.stringify(name))),
    ...(because !== undefined && { because }),
  }));
  return renderPolicy(rules) === text ? rules : null;
}

/**
 * Every fault of a policy that Vault itself would accept, or refuse only while it is being written.
 * @param rules The rules to judge.
 * @returns The faults in the caller's words; empty when there are none.
 */
export function policyFaults(rules: readonly PolicyRule[]): string[] {
  const none = rules.length === 0 ? [fault("rules", "must hold at least one rule", rules, "name a path")] : [];
  return [...none, ...rules.flatMap((rule, index) => ruleFaults(rule, `rules[${index}]`, rules.slice(0, index)))];
}

function ruleFaults({ path, capabilities, because }: PolicyRule, at: string, earlier: readonly PolicyRule[]): string[] {
  const faults: string[] = [];
  const pathFault = (rule: string, remedy: string): void => void faults.push(fault(`${at}.path`, rule, path, remedy));
  if (path === "") pathFault("must be a path", "name an API path such as secret/data/app");
  if (path.startsWith("/")) pathFault("must not start with a slash", "remove it: Vault would never match it");
  if (path.startsWith("v1/")) pathFault("must not carry the API's version", "remove v1/");
  if (/[\s"\\]|\$\{/.test(path)) pathFault("must hold no space, quote, backslash or ${", "remove them");
  if (path.slice(0, -1).includes("*")) pathFault("must have * at its end only", "use + for one segment");
  if (/[^/]\+|\+[^/]/.test(path)) pathFault("must have + as a whole segment", "write it between slashes");
  if (earlier.some((rule) => rule.path === path)) {
    pathFault("must appear once, because the last one would count alone", "put the capabilities into one rule");
  }
  const capabilityFault = (rule: string, remedy: string): void =>
    void faults.push(fault(`${at}.capabilities`, rule, capabilities, remedy));
  if (because !== undefined && !/^[^\n\r]*\S[^\n\r]*$/.test(because)) {
    faults.push(fault(`${at}.because`, "must be a line of text", because, "say in a few words why"));
  }
  if (capabilities.length === 0) capabilityFault("must hold at least one", 'use ["deny"] to forbid the path');
  if (capabilities.includes("deny") && capabilities.length > 1) {
    capabilityFault("must be deny alone or anything else", "remove deny or the others");
  }
  return faults;
}

function renderRule({ path, capabilities, because }: PolicyRule): string {
  const listed = capabilityOrder.filter((capability) => capabilities.includes(capability));
  const reason = because === undefined ? "" : `# ${because}\n`;
  return `${reason}path ${JSON.stringify(path)} {\n  capabilities = [${listed.map((name) => JSON.stringify(name)).join(", ")}]\n}\n`;
}

/**
 * The rules as a policy pack, which the engine runs in previews and updates: `pulumi preview --policy-pack policy`.
 * Every rule is mandatory: a resource that breaks one is not made.
 */
import { PolicyPack, type ResourceValidationPolicy, type StackValidationPolicy } from "@pulumi/policy";
import { asFarAsKnown } from "./as-far-as-known.ts";
import { rules } from "./rules/index.ts";
import type { JudgedResource, Rule } from "./rules/rule.ts";

new PolicyPack("vaultstack", { enforcementLevel: "mandatory", policies: rules.map(asPolicy) });

function asPolicy(rule: Rule): ResourceValidationPolicy | StackValidationPolicy {
  const { name, description } = rule;
  if (rule.kind === "resource") {
    return {
      name,
      description,
      validateResource: ({ type, name: resource, props, opts }, report) => {
        const found = asFarAsKnown(() => rule.judge(judged({ type, name: resource, props, opts })));
        for (const fault of found) report(fault);
      },
    };
  }
  return {
    name,
    description,
    validateStack: ({ resources }, report) => {
      const urns = new Map(resources.map(({ type, name: resource, urn }) => [`${type}::${resource}`, urn]));
      for (const { resource, fault } of asFarAsKnown(() => rule.judge(resources.map(judged)))) {
        report(fault, urns.get(`${resource.type}::${resource.name}`));
      }
    },
  };
}

interface ReportedResource {
  readonly type: string;
  readonly name: string;
  readonly props: Readonly<Record<string, unknown>>;
  readonly opts: { readonly protect: boolean };
}

function judged({ type, name, props, opts }: ReportedResource): JudgedResource {
  return { type, name, inputs: props, isProtected: opts.protect };
}

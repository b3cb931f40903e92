import { fault, hidden } from "../../shared/errors.ts";
import type { StackRule } from "./rule.ts";

/** What a secret looks like, wherever it comes from. */
const secrets: readonly (readonly [string, RegExp])[] = [
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY/],
  ["a token of Vault", /\b(hv[sbr]|s|b|r)\.[A-Za-z0-9_-]{20,}/],
  ["a cloud's access key", /\bAKIA[0-9A-Z]{16}\b/],
  ["a password in an address", /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@{}]+:[^\s/@{}]+@/i],
];

const secretName = /(password|passphrase|secretId|token|privateKey|credential)$/i;

/** Anybody who can see the stack may print its outputs, and other stacks read them. */
export const noSecretOutputs: StackRule = {
  kind: "stack",
  name: "no-secret-outputs",
  description: "No output of the stack is a secret, or looks like one.",
  judge: (resources) =>
    resources
      .filter(({ type }) => type === "pulumi:pulumi:Stack")
      .flatMap((stack) =>
        Object.entries(stack.inputs).flatMap(([name, value]) => {
          const text = typeof value === "string" ? value : JSON.stringify(value ?? "");
          const found = secrets.filter(([, pattern]) => pattern.test(text)).map(([what]) => what);
          if (secretName.test(name) && text !== "" && text !== '""') found.push("a secret by its name");
          return found.map((what) => ({
            resource: stack,
            fault: fault(
              `outputs.${name}`,
              `must not be ${what}`,
              hidden,
              "leave it out; consumers log in for themselves",
            ),
          }));
        }),
      ),
};

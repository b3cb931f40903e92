/**
 * `npm run inventory -- [stack] [--cluster sandbox|current] [--format text|json]`: mounts, login methods, roles,
 * policies and audit devices that are in the stack's Vault but not in its state, with how to adopt each. It lists names
 * only, with the stack's own login, and changes nothing.
 */
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { z } from "zod";
import { fault } from "../shared/errors.ts";
import { openContext } from "../protocol/frame/protocol-context.ts";
import { inSession } from "../protocol/vault-client/session.ts";
import {
  adminPolicyName,
  adminRoleName,
  previewMountsPolicyName,
  previewPolicyName,
  previewRoleName,
} from "../protocol/admin-access/login-names.ts";
import type { VaultTarget } from "../protocol/frame/vault-target.ts";
import { adoption } from "./inventory/adoption.ts";
import { findObjects } from "./inventory/find-objects.ts";
import { declaredObjects, unmanaged } from "./inventory/vault-objects.ts";
import { refuse } from "./refuse.ts";
import { stackArgument } from "./stack-argument.ts";
import { currentEnvironment, sandboxEnvironment } from "./stack-environment.ts";

const secret = z
  .object({ plaintext: z.string() })
  .transform(({ plaintext }) => z.string().parse(JSON.parse(plaintext)));
const target = z.custom<VaultTarget>((value) => typeof value === "object" && value !== null && "statefulSet" in value);
const ownLogin = z.object({ target, authPath: z.string(), roleId: secret, secretId: secret });
const resource = z.looseObject({
  type: z.string(),
  id: z.string().optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
});
const state = z.object({ deployment: z.object({ resources: z.array(resource).default([]) }) });

const { values, positionals } = parseArgs({
  options: { cluster: { type: "string", default: "sandbox" }, format: { type: "string", default: "text" } },
  allowPositionals: true,
});
const { cluster, format } = values;
const { stack, faults: stackFaults } = stackArgument(positionals);
const faults = [
  ...stackFaults,
  ...(["sandbox", "current"].includes(cluster)
    ? []
    : [fault("--cluster", "must be sandbox or current", cluster, "name one")]),
  ...(["text", "json"].includes(format) ? [] : [fault("--format", "must be text or json", format, "name one")]),
];
if (faults.length > 0) refuse(faults);
const environment = cluster === "sandbox" ? await sandboxEnvironment(stack) : currentEnvironment(process.env);
if ("faults" in environment) refuse(environment.faults);
const { env } = environment;
const kubeconfig = env["KUBECONFIG"];
if (kubeconfig !== undefined) process.env["KUBECONFIG"] = kubeconfig;

const { resources } = stateOf(stack);
const own = resources.find(({ type }) => type === "pulumi-nodejs:dynamic/vault:AdminAccess");
if (own === undefined) {
  refuse([
    fault(
      `the stack ${stack}`,
      "must have a login to its Vault",
      undefined,
      "run `up` first; a development server has none",
    ),
  ]);
}
const login = ownLogin.parse(own.outputs);
const { authPath, roleId, secretId } = login;
const found = await inSession(
  await openContext(login.target.kubeContext),
  { target: login.target, credential: { kind: "app-role", authPath, roleId, secretId } },
  findObjects,
);
if (found === null) refuse([fault(`the stack ${stack}`, "must have a Vault that serves", undefined, "run `up`")]);
const declared = declaredObjects(resources, {
  authPath,
  roles: [adminRoleName, previewRoleName],
  policies: [adminPolicyName, previewPolicyName, previewMountsPolicyName],
});
const others = unmanaged(found.result.objects, declared);
const adoptions = others.map(adoption);
const { closed } = found.result;
process.stdout.write(
  format === "json" ? `${JSON.stringify({ stack, unmanaged: adoptions, closed }, null, 2)}\n` : report(),
);

function report(): string {
  const lines =
    adoptions.length === 0
      ? [`All that is in the Vault of stack ${stack} is the stack's.`]
      : [
          `In the Vault of stack ${stack}, but not the stack's:`,
          ...adoptions.flatMap(({ object, code, takeover }) => [
            "",
            `${object.kind} ${object.id}${object.type === "" ? "" : ` (${object.type.replace("auth ", "")})`}`,
            `  declare ${code}; \`up\` ${takeover}`,
          ]),
        ];
  const unknown = closed.map((path) => `What is below ${path} was not looked at: its type is not known here.`);
  return `${[...lines, ...(unknown.length > 0 ? ["", ...unknown] : [])].join("\n")}\n`;
}

/** It holds the login, a secret, so it goes through a pipe to this process alone. */
function stateOf(name: string): z.infer<typeof state>["deployment"] {
  const text = execFileSync("pulumi", ["stack", "export", "--show-secrets", "--stack", name], {
    env,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return state.parse(JSON.parse(text)).deployment;
}

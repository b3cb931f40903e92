import { z } from "zod";
import { adminPolicyRules, previewPolicyRules } from "../admin-policy.ts";
import {
  adminPolicyName,
  adminRoleName,
  previewMountsPolicyName,
  previewPolicyName,
  previewRoleName,
} from "../../../protocol/admin-access/login-names.ts";
import { fault } from "../../../shared/errors.ts";
import { engineKinds } from "../../engines/kinds.ts";
import { loginKinds } from "../logins/kinds.ts";
import { parsePolicy } from "../policy-document.ts";
import type { AccessMatrix, DeclaredLogin } from "./access-matrix.ts";
import type { AccessReader, DeclaredResource } from "./access-reader.ts";
import { accessTypes } from "./access-types.ts";

const adminAccess = z.looseObject({ authPath: z.string(), tokenTtl: z.number() });

const readers: Readonly<Record<string, AccessReader>> = {
  ...Object.fromEntries([...loginKinds, ...engineKinds].flatMap(({ access }) => Object.entries(access))),
  [accessTypes.policy]: (inputs) => {
    const { name, policy } = z.strictObject({ name: z.string(), policy: z.string() }).parse(inputs);
    const rules = parsePolicy(policy);
    if (rules === null) {
      throw new Error(
        fault(`policy ${name}`, "must be rendered from rules", policy, "declare it by the component Policy"),
      );
    }
    return { policies: { [name]: rules } };
  },
  [accessTypes.adminAccess]: (inputs, all) => {
    const { authPath, tokenTtl } = adminAccess.parse(inputs);
    const limits = { ttl: tokenTtl, maxTtl: tokenTtl };
    const login = (role: string, subject: string, policies: string[]): DeclaredLogin => {
      return { authPath, role: `role ${role}`, subjects: [subject], bounds: {}, limits, policies };
    };
    // Absent in a program without mounts; Vault tolerates the name of a policy that does not exist.
    const ofMounts = all.some(({ inputs: { name } }) => name === previewMountsPolicyName)
      ? [previewMountsPolicyName]
      : [];
    return {
      logins: [
        login(adminRoleName, "pulumi, this program", [adminPolicyName]),
        login(previewRoleName, "previews of this program", [previewPolicyName, ...ofMounts]),
      ],
      policies: { [adminPolicyName]: adminPolicyRules(), [previewPolicyName]: previewPolicyRules() },
    };
  },
};

/** Types whose objects let somebody in or allow something; one without a reader must not go unnoticed. */
const granting =
  /^vault:.*(Role|User|Group|Policy|Policies|Token|Entity|Alias|Ids|SecretId|Login|Rgp|Egp|AuthBackend)$/;
/** Login methods that grant nothing by themselves: their roles do. */
const plainMethods = ["vault:index/authBackend:AuthBackend", ...loginKinds.flatMap(({ method }) => method ?? [])];

/**
 * Computes who may do what from the resources of a program.
 * @param resources All of them; those that are not Vault's are skipped.
 * @returns The matrix, in a stable order.
 * @throws {Error} With every resource that is not understood: it might grant something that the matrix would not show.
 */
export function accessOf(resources: readonly DeclaredResource[]): AccessMatrix {
  const faults: string[] = [];
  const contributions = resources.flatMap(({ type, inputs }) => {
    const read = readers[type];
    if (read === undefined) {
      if (granting.test(type) && !plainMethods.includes(type)) {
        faults.push(
          fault(type, "must be of a type the access matrix understands", inputs, "teach its kind, in kinds.ts"),
        );
      }
      return [];
    }
    try {
      return [read(inputs, resources)];
    } catch (error) {
      faults.push(`${type}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
  if (faults.length > 0) throw new Error(faults.join("\n"));
  const byName = (a: DeclaredLogin, b: DeclaredLogin): number =>
    `${a.authPath} ${a.role}` < `${b.authPath} ${b.role}` ? -1 : 1;
  return {
    logins: contributions.flatMap(({ logins = [] }) => logins).sort(byName),
    policies: Object.assign({}, ...contributions.map(({ policies = {} }) => policies)) as AccessMatrix["policies"],
    credentials: contributions
      .flatMap(({ credentials = [] }) => credentials)
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

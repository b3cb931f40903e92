import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { filledText, isObject, type DraftObject, type JsonObject } from "../shared/property.ts";
import type { Fault, PropertyRules } from "../shared/schema.ts";

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** How Vault is reached and who the plugin is there. */
export interface VaultSettings {
  readonly address: string;
  readonly login: LoginSettings | undefined;
  /** Used when there is no login. */
  readonly token: string | undefined;
  /** Whether resources use the token itself, or a limited child of it. */
  readonly skipChildToken: boolean;
  /** Lifetime of the child token. */
  readonly maxLeaseTtlSeconds: number;
  readonly tokenName: string;
  readonly caCertFile: string | undefined;
  readonly tlsServerName: string | undefined;
  readonly skipTlsVerify: boolean;
  /** How often a request is repeated when Vault is sealed, busy or unreachable. */
  readonly maxRetries: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** A login by writing parameters to a path of an auth method. */
interface LoginSettings {
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly namespace: string | undefined;
}

/** The settings covered, of those of the official provider. */
export const settingRules: PropertyRules = {
  address: { type: "string" },
  token: { type: "string", secret: true },
  tokenName: { type: "string" },
  authLogin: {
    type: {
      object: {
        path: { type: "string", required: true },
        parameters: { type: { map: "string" } },
        method: { type: "string", fault: (method) => (method === "" ? undefined : onlyGenericLogin) },
        namespace: { type: "string" },
      },
    },
  },
  skipChildToken: { type: "boolean" },
  maxLeaseTtlSeconds: { type: "integer" },
  maxRetries: { type: "integer" },
  skipTlsVerify: { type: "boolean" },
  caCertFile: { type: "string" },
  tlsServerName: { type: "string" },
  // The stand-in does the same with every version, so it asks for none.
  vaultVersionOverride: { type: "string" },
  headers: {
    type: { list: { object: { name: { type: "string", required: true }, value: { type: "string", required: true } } } },
  },
};

const onlyGenericLogin =
  "must be empty, got a signed method; log in by path and parameters, or use the official plugin";

/** The official provider reads what the program leaves out from the environment, so the stand-in does too. */
export function settingsFrom(config: JsonObject, environment: Environment): VaultSettings {
  const text = (key: string, variable: string): string | undefined => filledText(config[key]) ?? environment[variable];
  const integer = (key: string, variable: string, fallback: number): number =>
    Number(config[key] ?? environment[variable] ?? fallback);
  const flag = (key: string, variable: string): boolean =>
    Boolean(config[key] ?? ["1", "t", "true"].includes((environment[variable] ?? "").toLowerCase()));
  const login = loginFrom(config["authLogin"]);
  return {
    address: (text("address", "VAULT_ADDR") ?? "").replace(/\/+$/, ""),
    login,
    token: login === undefined ? (text("token", "VAULT_TOKEN") ?? tokenFile(environment)) : undefined,
    skipChildToken: flag("skipChildToken", "TERRAFORM_VAULT_SKIP_CHILD_TOKEN"),
    maxLeaseTtlSeconds: integer("maxLeaseTtlSeconds", "TERRAFORM_VAULT_MAX_TTL", 1_200),
    tokenName: text("tokenName", "VAULT_TOKEN_NAME") ?? "terraform",
    caCertFile: text("caCertFile", "VAULT_CACERT"),
    tlsServerName: text("tlsServerName", "VAULT_TLS_SERVER_NAME"),
    skipTlsVerify: flag("skipTlsVerify", "VAULT_SKIP_VERIFY"),
    maxRetries: integer("maxRetries", "VAULT_MAX_RETRIES", 2),
    headers: headersFrom(config["headers"]),
  };
}

/** Faults that need the environment to be seen. */
export function settingFaults(config: DraftObject, environment: Environment): Fault[] {
  const faults: Fault[] = [];
  if ((config["address"] ?? environment["VAULT_ADDR"] ?? "") === "") {
    faults.push({ path: "address", reason: "must be given, got nothing; set it to the URL of Vault" });
  }
  if (environment["VAULT_NAMESPACE"] !== undefined && environment["VAULT_NAMESPACE"] !== "") {
    const reason = "must be unset for the stand-in plugin, got a value; namespaces are a feature of Vault Enterprise";
    faults.push({ path: "VAULT_NAMESPACE", reason });
  }
  return faults;
}

function loginFrom(config: JsonObject[string] | undefined): LoginSettings | undefined {
  if (!isObject(config)) return undefined;
  return {
    path: (filledText(config["path"]) ?? "").replace(/^\/+|\/+$/g, ""),
    parameters: stringMap(config["parameters"]),
    namespace: filledText(config["namespace"]),
  };
}

function headersFrom(config: JsonObject[string] | undefined): Record<string, string> {
  const list = Array.isArray(config) ? config : [];
  return Object.fromEntries(
    list.map((header) => {
      const { name, value } = stringMap(header);
      return [name ?? "", value ?? ""];
    }),
  );
}

function stringMap(value: JsonObject[string] | undefined): Record<string, string> {
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, filledText(text) ?? ""]));
}

function tokenFile(environment: Environment): string | undefined {
  try {
    return readFileSync(join(environment["HOME"] ?? homedir(), ".vault-token"), "utf8").trim();
  } catch {
    return undefined;
  }
}

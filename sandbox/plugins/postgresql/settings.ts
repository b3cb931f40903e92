import { filledText, type JsonObject } from "../shared/property.ts";
import type { PropertyRules } from "../shared/schema.ts";

/** How a server is reached and who the plugin is there. */
export interface ServerSettings {
  readonly host: string;
  readonly port: number;
  /** Database to work from. */
  readonly database: string;
  readonly username: string;
  readonly password: string | undefined;
  readonly sslMode: "disable" | "verify-full";
  /** File of the authorities trusted for the server's certificate. */
  readonly sslRootCertificate: string | undefined;
  /** Whether the login may look at what only a superuser sees. */
  readonly superuser: boolean;
  readonly connectTimeoutSeconds: number;
}

/** The settings covered, of those of the official provider. */
export const settingRules: PropertyRules = {
  host: { type: "string", required: true },
  port: { type: "integer", default: 5_432 },
  database: { type: "string", default: "postgres" },
  username: { type: "string", required: true },
  password: { type: "string", secret: true },
  sslmode: { type: "string", required: true, fault: sslModeFault },
  sslrootcert: { type: "string" },
  superuser: { type: "boolean", default: true },
  connectTimeout: { type: "integer", default: 180 },
};

/** The settings in the plugin's own terms. */
export function settingsFrom(config: JsonObject): ServerSettings {
  return {
    host: filledText(config["host"]) ?? "",
    port: Number(config["port"] ?? 5_432),
    database: filledText(config["database"]) ?? "postgres",
    username: filledText(config["username"]) ?? "",
    password: filledText(config["password"]),
    sslMode: config["sslmode"] === "disable" ? "disable" : "verify-full",
    sslRootCertificate: filledText(config["sslrootcert"]),
    superuser: config["superuser"] !== false,
    connectTimeoutSeconds: Number(config["connectTimeout"] ?? 180),
  };
}

function sslModeFault(mode: unknown): string | undefined {
  if (mode === "disable" || mode === "verify-full") return undefined;
  return "must be disable or verify-full for the stand-in plugin, got another mode; choose one, or use the official plugin";
}

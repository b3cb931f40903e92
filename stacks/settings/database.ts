import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { tunnelPort } from "../../kube/tunnel/tunnel-port.ts";
import { passwordFaults } from "../../components/postgres/postgres-name.ts";
import type { PostgresAccess } from "../../components/postgres/postgres-reach.ts";
import type { VaultAccess } from "../../components/vault/reach/vault-reach.ts";
import { fault } from "../../shared/errors.ts";
import type { Size } from "../../shared/units.ts";
import { images } from "../../shared/versions.ts";
import type { accessSettings } from "./access.ts";
import {
  certificates,
  hostName,
  image,
  loginName,
  namespace,
  serverPort,
  size,
  tunnelPortNumber,
} from "./setting-rules.ts";
import { type Parsed, project, setting } from "./setting.ts";

const access = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("tunnel"), port: tunnelPortNumber().optional() }),
    z.strictObject({ kind: z.literal("address"), host: hostName(), port: serverPort() }),
  ],
  { error: 'must be {kind: "tunnel"} or {kind: "address"}; set vaultstack:postgres.access.kind' },
);

/** The Postgres server of the database: one of the stack's own, or one that runs already. */
export const databaseSettings = {
  postgres: setting(
    z.discriminatedUnion(
      "kind",
      [
        z.strictObject({
          kind: z.literal("server"),
          storageSize: size().default("1Gi"),
          access: access.default({ kind: "tunnel" }),
        }),
        z.strictObject({
          kind: z.literal("address"),
          host: hostName(),
          port: serverPort().default(5432),
          username: loginName(),
          caCertificate: certificates("leave it out for a server without TLS").optional(),
        }),
      ],
      { error: 'must be {kind: "server"} or {kind: "address"}; set vaultstack:postgres.kind' },
    ),
    {
      default: { kind: "server" },
      description:
        "The Postgres server of the database. {kind: server} is one of the stack's own, on a volume of storageSize; access is how the program reaches it: {kind: tunnel} through the Kubernetes API, its port derived from the stack's name unless given, or {kind: address, host, port}. {kind: address, host, port, username, caCertificate} is one that runs already, with a login that may create databases and roles; without caCertificate it is used without TLS. Another server is another database: nothing is carried over.",
      examples: [
        { kind: "server", storageSize: "20Gi" },
        { kind: "address", host: "db.example.com", username: "admin" },
      ],
    },
  ),
  postgresImage: setting(image(), {
    default: images.postgres,
    description: "Image of the stack's own Postgres, 17 or newer. Another major version does not read the data.",
  }),
  postgresNamespace: setting(namespace(), {
    default: "postgres",
    description: "Namespace of the stack's own Postgres, made by the stack. The data lives as long as it does.",
  }),
  postgresPassword: setting(z.string({ error: "must be text; quote it" }), {
    secret: true,
    default: "",
    description:
      "Password of the superuser of the stack's own Postgres, or that of postgres.username. Empty is a random one, for a server of the stack's own; there it has 8 to 200 printable characters of ASCII without space, quote and backslash.",
  }),
};

type DatabaseSettings = Parsed<typeof databaseSettings>;
type AccessSettings = Parsed<typeof accessSettings>;

/** The Postgres server in the form the components take. */
export type PostgresConfig =
  | {
      readonly kind: "server";
      readonly namespace: string;
      readonly image: string;
      readonly storageSize: Size;
      /** How this program reaches it. */
      readonly access: PostgresAccess;
      /** Password of the superuser; secret. Undefined for a random one. */
      readonly password: pulumi.Output<string> | undefined;
    }
  | {
      readonly kind: "address";
      readonly host: string;
      readonly port: number;
      readonly username: string;
      /** Secret. */
      readonly password: pulumi.Output<string>;
      /** PEM bundle; null for a server without TLS. */
      readonly caCertificate: string | null;
    };

/** Every fault of these settings that their schemas do not catch. */
export function databaseFaults({
  postgres,
  postgresPassword,
  access: way,
}: Partial<DatabaseSettings & AccessSettings>): string[] {
  if (postgres === undefined || postgresPassword === undefined) return [];
  const at = `${project}:postgresPassword`;
  if (postgres.kind === "address") {
    if (postgresPassword !== "") return [];
    const remedy = `set it with \`pulumi config set --secret ${at}\``;
    return [fault(at, "must hold the password of postgres.username", undefined, remedy)];
  }
  // The password of an existing server is what it is; that of a server that the stack creates is handled by a shell.
  const faults = postgresPassword === "" ? [] : passwordFaults(at, postgresPassword);
  const { access: own } = postgres;
  if (own.kind !== "tunnel" || way?.kind !== "tunnel" || own.port === undefined || own.port !== way.port) return faults;
  const path = `${project}:postgres.access.port`;
  return [...faults, fault(path, "must differ from access.port", way.port, "choose another port or leave it out")];
}

/** Converts these settings to the form the components take; the port of a tunnel derives from the stack. */
export function postgresConfig(settings: DatabaseSettings, vault: VaultAccess, stackKey: string): PostgresConfig {
  const { postgres, postgresNamespace, postgresImage, postgresPassword } = settings;
  const password = pulumi.secret(postgresPassword);
  if (postgres.kind === "address") return { ...postgres, caCertificate: postgres.caCertificate ?? null, password };
  return {
    kind: "server",
    namespace: postgresNamespace,
    image: postgresImage,
    storageSize: postgres.storageSize,
    access: postgresAccess(postgres.access, vault, stackKey),
    password: postgresPassword === "" ? undefined : password,
  };
}

function postgresAccess(chosen: z.infer<typeof access>, vault: VaultAccess, stackKey: string): PostgresAccess {
  if (chosen.kind === "address") return chosen;
  if (chosen.port !== undefined) return { kind: "tunnel", port: chosen.port };
  const port = tunnelPort(`${stackKey}/postgres`);
  // Two tunnels of one program must differ; the derived ports are the same for one stack in eight thousand.
  return { kind: "tunnel", port: vault.kind === "tunnel" && vault.port === port ? port + 1 : port };
}

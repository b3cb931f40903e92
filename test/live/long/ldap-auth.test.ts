/**
 * People of a real directory (OpenLDAP, over TLS) log in to the Vault of a stack. The tests build on each other and run
 * in order. They do not prove anything about Active Directory, or about the official Vault provider.
 */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { DevStack, seededPassword } from "../../support/dev-stack.ts";
import { bindDn, groupsDn, LdapDirectory, usersDn } from "../../support/ldap-directory.ts";
import { LiveStack } from "../../support/live-stack.ts";
import { plaintextHits, secretsOf } from "../../support/plaintext.ts";
import { vaultAt, type VaultClient } from "../../support/vault-client.ts";

const directoryNamespace = "ll-directory";
const password = (): string => randomBytes(18).toString("base64url");
const passwords = { ada: password(), bob: password(), eve: password() };
const firstBind = password();
const secondBind = password();
const tokenAnswer = z.object({
  auth: z.object({ client_token: z.string(), lease_duration: z.number(), token_policies: z.array(z.string()) }),
});

let dev: DevStack;
let directory: LdapDirectory;
let address: string;

beforeAll(async () => {
  const helper = await LiveStack.create("ll-helper", {});
  directory = await LdapDirectory.start(helper, directoryNamespace, {
    bindPassword: firstBind,
    users: passwords,
    groups: { developers: ["ada"], admins: ["bob"] },
  });
  const ldap = {
    kind: "directory",
    servers: [directory.host],
    transport: { kind: "ldaps", trust: { kind: "authority", certificate: directory.authority } },
    userSearch: { kind: "bound", bindDn, baseDn: usersDn },
    groupSearch: { kind: "search", baseDn: groupsDn },
    groups: { developers: "reader", admins: "writer" },
  };
  dev = await DevStack.create("ll-ldap", { vault: 30360, webApp: 30361 }, { ldap });
  await dev.stack.setSecret("ldapBindPassword", firstBind);
  const up = await dev.stack.up();
  expect(up.code, up.output).toBe(0);
  ({ address } = await dev.vault());
});

afterAll(async () => {
  await directory.remove();
  await dev.remove();
});

/** Logs in as a person does, and says what the token may do. */
async function login(user: keyof typeof passwords): Promise<{ client: VaultClient; policies: string[]; ttl: number }> {
  const body = { password: passwords[user] };
  const { auth } = tokenAnswer.parse(await vaultAt(address).request("POST", `auth/ldap/login/${user}`, body));
  return { client: vaultAt(address, auth.client_token), policies: auth.token_policies, ttl: auth.lease_duration };
}

async function canWrite(client: VaultClient): Promise<boolean> {
  const status = await client.status("POST", "secret/data/ldap-test", { data: { written: "yes" } });
  return status === 200;
}

describe("a stack with a directory", () => {
  test("has nothing to change after its first up: not in a second up, a preview or a refresh", async () => {
    for (const run of await dev.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
    expect(await dev.stack.outputs()).toMatchObject({ ldapAuthPath: "ldap" });
  });

  test("lets a member of a group that reads read, and refuses to let her write", async () => {
    const { client, policies, ttl } = await login("ada");
    expect(policies).toEqual(["default", "secret-reader"]);
    expect(ttl).toBe(3_600);
    expect((await client.readKv("secret", "webapp/config"))["password"]).toBe(seededPassword);
    expect(await canWrite(client)).toBe(false);
    expect(await client.status("GET", "sys/mounts")).toBe(403);
  });

  test("lets a member of a group that writes write", async () => {
    const { client, policies } = await login("bob");
    expect(policies).toEqual(["default", "secret-writer"]);
    expect(await canWrite(client)).toBe(true);
    expect(await client.readKv("secret", "ldap-test")).toEqual({ written: "yes" });
  });

  test("gives somebody without a group nothing but Vault's default policy", async () => {
    const { client, policies } = await login("eve");
    expect(policies).toEqual(["default"]);
    expect(await client.status("GET", "secret/data/webapp/config")).toBe(403);
  });

  test("refuses a wrong password, an empty one and a stranger", async () => {
    const anonymous = vaultAt(address);
    for (const [user, given] of [
      ["ada", "wrong"],
      ["ada", ""],
      ["ada)(uid=*", passwords.ada],
      ["mallory", passwords.ada],
    ] as const) {
      const path = `auth/ldap/login/${encodeURIComponent(user)}`;
      // Vault says 400 to some and 500 to others; a token it gives to none.
      expect(await anonymous.status("POST", path, { password: given }), user).toBeGreaterThanOrEqual(400);
    }
  });

  test("asks the directory at each login: who moves to another group has other rights the next time", async () => {
    await directory.setMembers("developers", []);
    await directory.setMembers("admins", ["ada"]);
    expect((await login("ada")).policies).toEqual(["default", "secret-writer"]);
    expect((await login("bob")).policies).toEqual(["default"]);
    const preview = await dev.stack.preview("--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
  });

  test("takes a group's rights away by an edit of the settings", async () => {
    await dev.stack.set("ldap.groups.admins", "reader");
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    const { client, policies } = await login("ada");
    expect(policies).toEqual(["default", "secret-reader"]);
    expect(await canWrite(client)).toBe(false);
  });

  test("heals what somebody changed inside Vault, once a refresh has found it", async () => {
    const admin = await dev.admin();
    await admin.request("POST", "auth/ldap/groups/admins", { policies: ["root"] });
    await admin.request("POST", "auth/ldap/config", { insecure_tls: true });
    const up = await dev.stack.up("--refresh", "--run-program");
    expect(up.code, up.output).toBe(0);
    expect((await login("ada")).policies).toEqual(["default", "secret-reader"]);
    expect(await admin.request("GET", "auth/ldap/config")).toMatchObject({ data: { insecure_tls: false } });
  });

  test("logs people in again after the bind password was changed in the directory and in the settings", async () => {
    await directory.setBindPassword(secondBind);
    expect(await vaultAt(address).status("POST", "auth/ldap/login/ada", { password: passwords.ada })).toBe(400);
    await dev.stack.setSecret("ldapBindPassword", secondBind);
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect((await login("ada")).policies).toEqual(["default", "secret-reader"]);
  });

  test("keeps the bind passwords and those of people out of everything that is kept or shown", async () => {
    const admin = await dev.admin();
    const places = {
      "the state": (await dev.stack.exportState()).text,
      "what all commands printed": dev.stack.transcript,
      "the audit file": await dev.auditFile(),
      "the settings inside Vault": JSON.stringify(await admin.request("GET", "auth/ldap/config")),
      "the objects of Vault's namespace": await dev.stack.kubectl(
        ...["-n", dev.namespace, "get", "all,secrets,configmaps,events", "-o", "json"],
      ),
      "the logs of Vault": await dev.stack.kubectl("-n", dev.namespace, "logs", "vault-0"),
    };
    const secrets = {
      ...(await secretsOf(dev.stack, seededPassword)).values,
      "first bind password": firstBind,
      "second bind password": secondBind,
      ...passwords,
    };
    expect(plaintextHits(places, secrets)).toEqual([]);
  });

  test("loses its state and takes the login method over, with the bind password in the run after", async () => {
    await dev.stack.loseState();
    const adopting = await dev.adoptWhatExists();
    expect(adopting.code, adopting.output).toBe(0);
    expect((await login("ada")).policies).toEqual(["default", "secret-reader"]);
    const next = await dev.stack.up();
    expect(next.code, next.output).toBe(0);
    expect((await login("ada")).policies).toEqual(["default", "secret-reader"]);
    const preview = await dev.stack.preview("--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
  });

  test("takes the login method away when the directory is taken out of the settings", async () => {
    const admin = await dev.admin();
    await dev.stack.unset("ldap");
    await dev.stack.unset("ldapBindPassword");
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await vaultAt(address).status("POST", "auth/ldap/login/ada", { password: passwords.ada })).toBe(403);
    const { data } = z
      .object({ data: z.record(z.string(), z.unknown()) })
      .parse(await admin.request("GET", "sys/auth"));
    expect(Object.keys(data)).not.toContain("ldap/");
  });

  test("is destroyed without a trace", async () => {
    const destroy = await dev.stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect(await dev.stack.kubectl("get", "namespace", dev.namespace, "--ignore-not-found")).toBe("");
  });
});

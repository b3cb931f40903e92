/**
 * The runbooks of the operations guide, followed to the letter: the commands are taken from the document. On a real
 * engine, cluster and Vault. They do not prove anything about advice that names no command.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { DevStack, seededPassword, targeting } from "../../support/dev-stack.ts";
import { asRoot } from "../../support/emergency-root.ts";
import { type EngineRun, eventually } from "../../support/live-stack.ts";
import { asWritten, blocksOf, commandsOf, follow, followAsked } from "../../support/operations-guide.ts";
import { secretsOf } from "../../support/plaintext.ts";
import { stepFaultEnvironment } from "../../support/step-fault.ts";
import { temporaryFolder } from "../../../sandbox/test/support/temporary-folder.ts";
import { vaultAt } from "../../support/vault-client.ts";

const page = `password: ${seededPassword}\nusername: static-user\n`;

const createdToken = z.object({ auth: z.object({ client_token: z.string() }) });
const ports = { vault: 30356, webApp: 30357 };

let dev: DevStack;
let backups: string;

beforeAll(async () => {
  backups = mkdtempSync(join(tmpdir(), "vaultstack-backups-"));
  dev = await DevStack.create("lb-book", ports);
});

afterAll(async () => {
  await dev.remove();
  rmSync(backups, { recursive: true });
});

function expectStopped({ code, output }: EngineRun, runbook: string): void {
  expect(code).not.toBe(0);
  expect(output).toContain(`docs/runbooks/${runbook}.md`);
}

async function expectWorks(run: EngineRun, shown = page): Promise<void> {
  expect(run.code, run.output).toBe(0);
  await eventually("the web app shows its secret", async () => (await dev.page()) === shown);
  const preview = await dev.stack.preview("--expect-no-changes");
  expect(preview.code, preview.output).toBe(0);
}

describe("the runbook", () => {
  test("lost-init starts a Vault over whose keys reached nobody", async () => {
    const at = { protocol: "init", step: "initialize", moment: "after" } as const;
    const trace = join(temporaryFolder(), "trace");
    const planned = { at, fault: { kind: "kill", whom: "provider" }, trace } as const;
    await dev.stack.withEnvironment(stepFaultEnvironment(planned), () => dev.stack.upAtOnce());
    expectStopped(await dev.stack.up(), "lost-init");
    await expectWorks(await follow(dev, commandsOf("lost-init", 2)));
  });

  test("lost-keys restores the Secret from the copy that the chapter on backups makes", async () => {
    const keys = await dev.keys();
    const [copy = ""] = commandsOf("Back up").filter((command) => command.includes("get secret"));
    const [restore = ""] = commandsOf("Back up").filter((command) => command.includes("create -f"));
    const made = await follow(dev, [`cd ${backups}`, copy]);
    expect(made.code, made.output).toBe(0);
    await dev.stack.kubectl("-n", dev.namespace, "delete", "secret", "vault-keys");
    await dev.restartVault();
    expectStopped(await dev.stack.up(), "lost-keys");
    const restored = await follow(dev, [`cd ${backups}`, restore]);
    expect(restored.code, restored.output).toBe(0);
    await expectWorks(await dev.stack.up());
    expect(await dev.keys()).toBe(keys);
  });

  test("damaged-keys restores the Secret from its backup", async () => {
    const keys = await dev.keys();
    await dev.editStoredKeys((text) => text.slice(1));
    expectStopped(await dev.stack.up(), "damaged-keys");
    const [restore = ""] = commandsOf("Back up").filter((command) => command.includes("create -f"));
    const commands = [`cd ${backups}`, ...commandsOf("damaged-keys", 1), restore];
    const restored = await follow(dev, commands);
    expect(restored.code, restored.output).toBe(0);
    await expectWorks(await dev.stack.up());
    expect(await dev.keys()).toBe(keys);
  });

  test("lost-volume restores the data from a copy made as the chapter on backups says", async () => {
    const [stop = "", start = ""] = scalings();
    const atRest = async (): Promise<string> => {
      const stopped = await follow(dev, [stop]);
      expect(stopped.code, stopped.output).toBe(0);
      const pod = ["-n", dev.namespace, "get", "pod", "vault-0", "--ignore-not-found", "-o", "name"];
      await eventually("the pod is gone", async () => (await dev.stack.kubectl(...pod)) === "");
      return dev.volumeFolder("data-vault-0");
    };
    cpSync(await atRest(), join(backups, "data"), { recursive: true, preserveTimestamps: true });
    await follow(dev, [start]);
    await expectWorks(await dev.stack.up());
    await dev.loseVolume();
    expectStopped(await dev.stack.up(), "lost-volume");
    const volume = await atRest();
    for (const entry of readdirSync(volume)) rmSync(join(volume, entry), { recursive: true });
    const copied = await dev.stack.shell(
      `cp -a --no-preserve=mode,ownership '${backups}/data/.' '${volume}/'; chmod -R a+rwX '${volume}'`,
    );
    expect(copied.code, copied.output).toBe(0);
    await follow(dev, [start]);
    await expectWorks(await dev.stack.up());
  });

  test("lost-volume starts empty by consent", async () => {
    await dev.loseVolume();
    expectStopped(await dev.stack.up(), "lost-volume");
    await expectWorks(await follow(dev, commandsOf("lost-volume", 2)));
  });

  test("volume-change stops an edit of the size in preview and up, and takes it over without a restart once it was followed", async () => {
    const pod = ["-n", dev.namespace, "get", "pod", "vault-0", "-o", "jsonpath={.metadata.uid}"];
    const uid = await dev.stack.kubectl(...pod);
    await dev.stack.set("auditStorageSize", "3Gi");
    expectStopped(await dev.stack.preview(), "volume-change");
    expectStopped(await dev.stack.up(), "volume-change");
    // The sandbox's storage class enlarges nothing, so the first step is left out.
    const made = await follow(dev, [...commandsOf("volume-change", 2), ...commandsOf("volume-change", 3)]);
    await expectWorks(made);
    expect(await dev.stack.kubectl(...pod)).toBe(uid);
  });

  test("lost-approle makes the login anew once a mount of another type is moved away", async () => {
    const { address } = await dev.vault();
    const { shares } = await secretsOf(dev.stack, seededPassword);
    await asRoot(address, shares, async (root) => {
      await root.request("DELETE", "sys/auth/approle-pulumi");
      await root.request("POST", "sys/auth/approle-pulumi", { type: "userpass" });
    });
    expectStopped(await dev.stack.up(), "lost-approle");
    await asRoot(address, shares, (root) =>
      root.request("POST", "sys/remount", { from: "auth/approle-pulumi", to: "auth/elsewhere" }),
    );
    await expectWorks(await dev.stack.up());
  });

  test("lost-state takes everything over and initialises nothing", async () => {
    const { clusterId } = await dev.vault();
    const lost = await follow(dev, [asWritten("pulumi stack rm --stack <stack> --force --preserve-config")]);
    expect(lost.code, lost.output).toBe(0);
    await expectWorks(
      await follow(
        dev,
        commandsOf("lost-state").filter((command) => !command.startsWith("vault ")),
      ),
    );
    expect((await dev.vault()).clusterId).toBe(clusterId);
  });
});

describe("acting by hand as the guide says", () => {
  test("logs in as Pulumi, opens the shares, unseals, and makes and revokes a root token", async () => {
    await dev.restartVault();
    const [forward = "", login = "", open = ""] = blocksOf("Acting inside Vault by hand");
    const give = asWritten("share 0 | vault operator generate-root -nonce=<nonce> -");
    const decode = asWritten("vault operator generate-root -decode=<encoded token> -otp=<password>");
    const port = 18_356;
    const commands = [
      forward.replace("8200:8200", `${port}:8200`).replace("127.0.0.1:8200", `127.0.0.1:${port}`),
      "trap 'kill %1' EXIT",
      "until vault status -format=json > /dev/null || [ $? -eq 2 ]; do :; done",
      open,
      asWritten("share 0 | vault write sys/unseal key=-"),
      "until vault status > /dev/null; do :; done",
      login,
      "vault token lookup | grep pulumi-admin",
      "vault token revoke -self",
      "unset VAULT_TOKEN",
      "started=$(vault operator generate-root -init -format=json)",
      "nonce=$(jq -r .nonce <<< $started); password=$(jq -r .otp <<< $started)",
      `encoded=$(${give.replace("<nonce>", "$nonce")} | sed -n 's/^Encoded Token *//p')`,
      `export VAULT_TOKEN=$(${decode.replace("<encoded token>", "$encoded").replace("<password>", "$password")})`,
      "vault token lookup | grep root",
      // Another Vault's seal is made ready with such a token.
      ...blocksOf("Let Vault open by itself"),
      "vault secrets disable transit && vault policy delete autounseal",
      "vault token revoke -self",
      asWritten('rm -r "$GNUPGHOME"'),
    ];
    const byHand = await follow(dev, commands);
    expect(byHand.code, byHand.output).toBe(0);
    await expectWorks(await dev.stack.up());
  });
});

/** The way to Vault by hand, by a port that no other test has. */
function forwarded(port: number): string[] {
  const [forward = ""] = blocksOf("Acting inside Vault by hand");
  return [
    forward.replace("8200:8200", `${port}:8200`).replace("127.0.0.1:8200", `127.0.0.1:${port}`),
    "trap 'kill %1' EXIT",
    "until vault status > /dev/null; do :; done",
  ];
}

describe("the runbook compromised-share", () => {
  const stolen = { shares: [] as readonly string[], root: "", login: "", escrow: "", passphrase: "" };

  test("closes the way to Vault and ends the logins and root tokens of a thief", async () => {
    const { address } = await dev.vault();
    const secrets = await secretsOf(dev.stack, seededPassword);
    stolen.shares = secrets.shares;
    stolen.login = await secrets.login(address);
    stolen.escrow = await dev.stack.secretSetting("escrowPrivateKey");
    await asRoot(address, stolen.shares, async (root) => {
      const made = await root.request("POST", "auth/token/create-orphan", { policies: ["root"] });
      stolen.root = createdToken.parse(made).auth.client_token;
    });

    const closed = await follow(dev, commandsOf("compromised-share", 1));
    expect(closed.code, closed.output).toBe(0);
    await expect(fetch(`${address}/v1/sys/health`)).rejects.toThrow();

    const [, login = ""] = blocksOf("Acting inside Vault by hand");
    const [disable = "", up = ""] = commandsOf("compromised-share", 2);
    const disabled = await follow(dev, [...forwarded(18_357), login, disable, "kill %1; trap - EXIT", up]);
    expect(disabled.code, disabled.output).toBe(0);

    const [list = "", lookup = "", revoke = ""] = commandsOf("compromised-share", 3);
    const [, , open = ""] = blocksOf("Acting inside Vault by hand");
    const each = (command: string): string => command.replace("<accessor>", "$accessor");
    const give = asWritten("share 0 | vault operator generate-root -nonce=<nonce> -");
    const decode = asWritten("vault operator generate-root -decode=<encoded token> -otp=<password>");
    const revoked = await follow(dev, [
      ...forwarded(18_358),
      open,
      "started=$(vault operator generate-root -init -format=json)",
      "nonce=$(jq -r .nonce <<< $started); password=$(jq -r .otp <<< $started)",
      `encoded=$(${give.replace("<nonce>", "$nonce")} | sed -n 's/^Encoded Token *//p')`,
      `export VAULT_TOKEN=$(${decode.replace("<encoded token>", "$encoded").replace("<password>", "$password")})`,
      "mine=$(vault token lookup -format=json | jq -r .data.accessor)",
      `for accessor in $(${list} | tail -n +3); do`,
      `  [ $accessor != $mine ] || continue`,
      `  ! ${each(lookup)} | grep -q '^policies *.*root' || ${each(revoke)}`,
      "done",
      "vault token revoke -self",
      asWritten('rm -r "$GNUPGHOME"'),
    ]);
    expect(revoked.code, revoked.output).toBe(0);
  });

  test("changes the passphrase, the shares and the escrow key", async () => {
    const [change = ""] = commandsOf("compromised-share", 4);
    const file = dev.stack.environmentOfCommands()["PULUMI_CONFIG_PASSPHRASE_FILE"] ?? "";
    stolen.passphrase = readFileSync(file, "utf8");
    const fresh = "a passphrase nobody has read";
    const changed = await followAsked(dev, change, [
      ["Enter your new passphrase", fresh],
      ["Re-enter your new passphrase", fresh],
    ]);
    expect(changed.code, changed.output).toBe(0);
    writeFileSync(file, fresh);

    const [generation = "", up = "", escrow = "", again = "", forget = ""] = commandsOf("compromised-share", 5);
    const replaced = await follow(dev, [
      generation.replace("<one more than before>", "2"),
      up,
      escrow,
      again,
      forget,
      again,
    ]);
    expect(replaced.code, replaced.output).toBe(0);
  });

  test("leaves nothing of what was stolen of any use", async () => {
    await dev.stack.set("nodePort", String(ports.vault));
    await expectWorks(await dev.stack.up());
    const { address } = await dev.vault();
    for (const token of [stolen.root, stolen.login]) {
      await expect(vaultAt(address, token).request("GET", "auth/token/lookup-self")).rejects.toThrow(/403/);
    }
    await dev.restartVault();
    for (const key of stolen.shares) await expect(dev.podRequest("sys/unseal", { key })).rejects.toThrow();
    expect((await dev.sealStatus()).sealed).toBe(true);
    expect(await dev.stack.secretSetting("escrowPrivateKey")).not.toBe(stolen.escrow);
    const { passphrase } = stolen;
    const folder = temporaryFolder({ passphrase });
    await dev.stack.withEnvironment({ PULUMI_CONFIG_PASSPHRASE_FILE: `${folder}/passphrase` }, async () => {
      expect((await dev.stack.up()).output).toContain("incorrect passphrase");
    });
    await expectWorks(await dev.stack.up());
  });
});

describe("the runbook", () => {
  test("lost-new-keys takes keys that Vault uses, and whose Secrets are gone, out of Vault's own copy", async () => {
    const [copy = ""] = commandsOf("Back up").filter((command) => command.includes("get secret"));
    const backedUp = await follow(dev, [`cd ${backups}`, copy]);
    expect(backedUp.code, backedUp.output).toBe(0);
    await dev.stack.set("keysGeneration", "3");
    const at = { protocol: "rekey", step: "verify-shares", moment: "after" } as const;
    const planned = { at, fault: { kind: "kill", whom: "provider" }, trace: join(temporaryFolder(), "trace") } as const;
    await dev.stack.withEnvironment(stepFaultEnvironment(planned), () => dev.stack.upAtOnce());
    await dev.stack.kubectl("-n", dev.namespace, "delete", "secret", "-l", "app.kubernetes.io/component=keys");
    const looked = await follow(dev, commandsOf("lost-new-keys", 1));
    expect(looked.output).toContain("No resources found");

    const [restore = "", generation = "", up = ""] = commandsOf("lost-new-keys", 2);
    const restored = await follow(dev, [
      `(cd ${backups} && ${restore})`,
      generation.replace("<one more than before>", "4"),
      up,
    ]);
    expectStopped(restored, "rekeyed-elsewhere");
    const [, nonce = ""] = /-nonce=([0-9a-f-]{36})/.exec(restored.output) ?? [];

    const [, login = "", open = ""] = blocksOf("Acting inside Vault by hand");
    const [take = ""] = blocksOf("lost-new-keys");
    const [again = ""] = commandsOf("lost-new-keys", 4);
    const taken = await follow(dev, [
      ...forwarded(18_359),
      login,
      open,
      take.replace("<nonce>", nonce),
      "vault token revoke -self",
      asWritten('rm -r "$GNUPGHOME"'),
      "kill %1; trap - EXIT; unset VAULT_ADDR VAULT_TOKEN",
      again,
    ]);
    await expectWorks(taken);
    await dev.restartVault();
    await expectWorks(await dev.stack.up());
  }, 600_000);

  test("foreign-vault gives the stack its pod back that somebody else initialised", async () => {
    const destroy = await dev.stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    await dev.stack.upAtOnce(...targeting("vault-namespace", "VaultServer**"));
    await eventually("the pod answers", async () => !(await dev.sealStatus()).initialized);
    await dev.podRequest("sys/init", { secret_shares: 1, secret_threshold: 1 });
    expectStopped(await dev.stack.up(), "foreign-vault");
    const wiped = await follow(dev, commandsOf("foreign-vault", 2));
    expect(wiped.code, wiped.output).toBe(0);
    await eventually("the new pod answers, empty", async () => !(await dev.sealStatus()).initialized);
    // The seeds were taken out of the settings when the state was lost.
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
  });

  test("forgotten-passphrase saves what the sample app may read, and then takes everything away", async () => {
    await (await dev.admin()).writeKv("secret", "webapp/config", { username: "static-user", password: "kept-by-hand" });
    const { address } = await dev.vault();
    const [token = "", login = "", read = ""] = commandsOf("forgotten-passphrase", 3);
    const saved = await follow(dev, [
      `export VAULT_ADDR=${address}`,
      `export VAULT_TOKEN=$(${token} | ${login.replace("vault write", "vault write -field=token")})`,
      read,
    ]);
    expect(saved.code, saved.output).toBe(0);
    expect(saved.output).toContain("kept-by-hand");
    const folder = temporaryFolder({ passphrase: "another one" });
    await dev.stack.withEnvironment({ PULUMI_CONFIG_PASSPHRASE_FILE: `${folder}/passphrase` }, async () => {
      const stopped = await dev.stack.up();
      expect(stopped.output).toContain("incorrect passphrase");
      const gone = await follow(dev, commandsOf("forgotten-passphrase", 4));
      expect(gone.code, gone.output).toBe(0);
    });
    for (const name of [dev.namespace, dev.webAppNamespace, dev.demoAppNamespace, dev.postgresNamespace]) {
      expect(await dev.stack.kubectl("get", "namespace", name, "--ignore-not-found")).toBe("");
    }
    expect((await dev.stack.engine(["stack", "ls"])).output).not.toContain(dev.stack.name);
  });
});

/** The two commands that stop and start Vault's pod. */
function scalings(): string[] {
  const [stop = ""] = commandsOf("Back up").filter((command) => command.includes("scale statefulset"));
  return [stop, stop.replace("--replicas 0", "--replicas 1")];
}

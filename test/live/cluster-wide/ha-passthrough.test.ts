/**
 * The ha stack from outside: three Vault servers behind a real gateway that passes TLS by the server name. The tests
 * build on each other and run in order. What happens when somebody ends TLS is for tls-passthrough.test.ts.
 */
import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { promisify } from "node:util";
import { z } from "zod";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nodeAddress } from "../../../sandbox/cluster/addresses.ts";
import { ClientGuide, type ClientName } from "../../support/client-guide.ts";
import { seededPassword } from "../../support/dev-stack.ts";
import { certificateServed } from "../../support/gateway-client.ts";
import { HaStack } from "../../support/ha-stack.ts";
import { eventually } from "../../support/live-stack.ts";

const run = promisify(execFile);
const host = "vault.ha-passthrough.example";
const vaultPort = 30320;
const pods = ["vault-0", "vault-1", "vault-2"];

let ha: HaStack;

beforeAll(async () => {
  await run(process.execPath, ["scripts/sandbox.ts", "up", "--with", "gateway"]);
  const gateway = { kind: "own", className: "eg" };
  ha = await HaStack.create(
    "lg-ha",
    { vault: vaultPort, webApp: 30321 },
    { vaultHosts: [host], passthrough: { kind: "gateway", host, gateway } },
  );
});

afterAll(async () => {
  await ha.remove();
});

async function authorities(): Promise<string> {
  return z.object({ vaultCaCertificate: z.string() }).parse(await ha.stack.outputs()).vaultCaCertificate;
}

/**
 * The certificate a client gets that asks for a name and trusts the stack's authorities; rejects when it gets nothing.
 */
async function served(servername: string): Promise<string> {
  return certificateServed(servername, await authorities());
}

/** The certificate that Vault was given. */
async function given(): Promise<string> {
  const data = await ha.stack.kubectl(
    "-n",
    ha.namespace,
    "get",
    "secret",
    "vault-tls",
    "-o",
    "jsonpath={.data.tls\\.crt}",
  );
  return new X509Certificate(Buffer.from(data, "base64")).fingerprint256;
}

describe("the ha stack behind a gateway", () => {
  test("comes up in one run, and its host answers with Vault's own certificate", async () => {
    const up = await ha.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await ha.stack.outputs()).toMatchObject({ vaultAddress: `https://${host}` });
    expect(await served(host)).toBe(await given());
    expect(await ha.dev.page()).toBe(`password: ${seededPassword}\nusername: static-user\n`);
  });

  test("has nothing to change afterwards: not in a second up, a preview or a refresh", async () => {
    for (const again of await ha.stack.runsWithoutChanges()) expect(again.code, again.output).toBe(0);
  });

  test("gives nothing to a client that asks for another name", async () => {
    await expect(served("other.ha-passthrough.example")).rejects.toThrow(/ECONNRESET|disconnected/);
  });

  test.each<[ClientName, string]>([
    ["Vault's command line", "static-user"],
    ["curl", seededPassword],
    ["Python", "static-user"],
    ["Go", "static-user"],
  ])("is read by %s as the guide says, with the exported authorities", async (client, found) => {
    ha.stack.enter();
    const token = await ha.workloadToken();
    const guide = new ClientGuide({ host, address: nodeAddress, ca: await authorities(), token });
    try {
      expect(await guide.output(client)).toContain(found);
    } finally {
      guide.remove();
    }
  });

  test("leads to the new leader when the leader's pod is gone", async () => {
    const leader = await ha.leader(pods);
    await ha.stack.kubectl("-n", ha.namespace, "delete", "pod", leader, "--wait=false");
    await eventually("another server leads", async () => (await ha.leader(pods)) !== leader);
    await eventually("the host answers", async () => (await served(host)) === (await given()));
    const up = await ha.stack.up();
    expect(up.code, up.output).toBe(0);
  });
});

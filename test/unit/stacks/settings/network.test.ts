/**
 * What the setting `networkPolicy` takes, and what a policy is made of. That a network plugin judges by it is not
 * shown.
 */
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { usualPorts } from "../../../../components/cluster/cluster-ports.ts";
import { networkAccess, networkConfig, type NetworkConfig } from "../../../../stacks/settings/network.ts";
import { parseSettings } from "../../../../stacks/settings/parse-settings.ts";
import { exampleSettings } from "../../../support/example-settings.ts";
import { temporaryFolder } from "../../../../sandbox/test/support/temporary-folder.ts";

function parsed(networkPolicy: unknown, stack: "dev" | "ha" = "ha") {
  return parseSettings(exampleSettings({ networkPolicy: JSON.stringify(networkPolicy) }, stack));
}

function places(networkPolicy: unknown, stack: "dev" | "ha" = "ha"): string[] {
  return parsed(networkPolicy, stack).faults.map((text) => text.split(": ")[0] ?? "");
}

const lookedUp: NetworkConfig = { kind: "enforced", dnsPorts: null, apiServerPorts: null, egress: [] };

describe("the setting of the network policy", () => {
  test("is a policy with what is found in the cluster unless it says otherwise", () => {
    const { settings } = parseSettings(exampleSettings({}, "ha"));
    expect(settings === null ? null : networkConfig(settings)).toEqual(lookedUp);
  });

  test("names ports of the cluster, and whom else the servers reach: a network, or a port of anybody", () => {
    const egress = [{ cidr: "10.1.0.0/16", ports: [636] }, { cidr: "fd00::/8", ports: [80, 988] }, { ports: [8300] }];
    const { settings, faults } = parsed({ kind: "enforced", dnsPorts: [10_053], apiServerPorts: [8443], egress });
    expect(faults).toEqual([]);
    expect(settings === null ? null : networkConfig(settings)).toEqual({
      kind: "enforced",
      dnsPorts: [10_053],
      apiServerPorts: [8443],
      egress: [
        { kind: "network", cidr: "10.1.0.0/16", ports: [636] },
        { kind: "network", cidr: "fd00::/8", ports: [80, 988] },
        { kind: "host", port: 8300 },
      ],
    });
  });

  test.each(["dev", "ha"] as const)("may be none in %s", (stack) => {
    expect(places({ kind: "none" }, stack)).toEqual([]);
  });

  test.each([
    ["another kind", { kind: "open" }, ["vaultstack:networkPolicy.kind"]],
    ["no kind", {}, ["vaultstack:networkPolicy.kind"]],
    ["parts of no policy", { kind: "none", dnsPorts: [53] }, ["vaultstack:networkPolicy"]],
    ["no port at all", { kind: "enforced", dnsPorts: [] }, ["vaultstack:networkPolicy.dnsPorts"]],
    ["a port that is none", { kind: "enforced", apiServerPorts: [0] }, ["vaultstack:networkPolicy.apiServerPorts.0"]],
    ["a port above all", { kind: "enforced", dnsPorts: [65_536] }, ["vaultstack:networkPolicy.dnsPorts.0"]],
    ["a peer without ports", { kind: "enforced", egress: [{}] }, ["vaultstack:networkPolicy.egress.0.ports"]],
    ["a peer by name", { kind: "enforced", egress: "db" }, ["vaultstack:networkPolicy.egress"]],
  ])("is refused with %s", (_, setting, expected) => {
    expect(places(setting)).toEqual(expected);
  });

  test.each(["db.test/32", "10.0.0.1", "10.0.0.0/33", "fd00::/129", "0.0.0.0/0"])(
    "does not take %s for a network, and says which entry it is",
    (cidr) => {
      const egress = [
        { cidr: "10.0.0.0/8", ports: [1] },
        { cidr, ports: [1] },
      ];
      expect(places({ kind: "enforced", egress })).toEqual(["vaultstack:networkPolicy.egress.1.cidr"]);
    },
  );

  test("has no meaning with a single server, and says so of every part", () => {
    const setting = { kind: "enforced", dnsPorts: [53], apiServerPorts: [443], egress: [{ ports: [1] }] };
    expect(places(setting, "dev")).toEqual(
      ["dnsPorts", "apiServerPorts", "egress"].map((part) => `vaultstack:networkPolicy.${part}`),
    );
  });
});

/** An API server that answers everything alike, and its kubeconfig in the environment. */
async function clusterThat(answers: number, content: object = {}): Promise<() => number> {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(answers, { "content-type": "application/json" }).end(JSON.stringify(content));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const kubeconfig = join(temporaryFolder(), "config");
  const cluster = { server: `http://127.0.0.1:${port}` };
  const contexts = [{ name: "test", context: { cluster: "c" } }];
  writeFileSync(kubeconfig, JSON.stringify({ contexts, clusters: [{ name: "c", cluster }] }));
  vi.stubEnv("KUBECONFIG", kubeconfig);
  return () => asked;
}

async function run(isPreview: boolean): Promise<void> {
  const mocks = { newResource: () => ({ id: "", state: {} }), call: () => ({}) };
  await pulumi.runtime.setMocks(mocks, "vaultstack", "unit-network", isPreview);
}

describe("what a policy is made of", () => {
  beforeEach(async () => {
    await run(false);
    return () => {
      vi.unstubAllEnvs();
      vi.restoreAllMocks();
    };
  });
  afterEach(() => run(false));

  const behind = { subsets: [{ ports: [{ name: "https", port: 16_443 }] }] };

  test("is what the cluster has, beside what is usual (C2)", async () => {
    await clusterThat(200, behind);
    expect(await networkAccess(lookedUp, "test")).toMatchObject({ ports: { apiServer: [443, 6443, 16_443] } });
  });

  test("is what is set, in the place of what is found", async () => {
    await clusterThat(200, behind);
    expect(await networkAccess({ ...lookedUp, apiServerPorts: [8443] }, "test")).toMatchObject({
      ports: { apiServer: [8443] },
    });
  });

  test("needs no look when all of it is set", async () => {
    const asked = await clusterThat(500);
    const access = await networkAccess({ ...lookedUp, dnsPorts: [53], apiServerPorts: [8443] }, "test");
    expect(access).toEqual({ kind: "enforced", ports: { dns: [53], apiServer: [8443] } });
    expect(asked()).toBe(0);
  });

  test("is nothing where there is none, and nobody is asked", async () => {
    const asked = await clusterThat(500);
    expect(await networkAccess({ kind: "none" }, "test")).toEqual({ kind: "none" });
    expect(asked()).toBe(0);
  });

  test("is what is usual where one may not look, and the run says what to set", async () => {
    await clusterThat(403);
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
    expect(await networkAccess(lookedUp, "test")).toEqual({ kind: "enforced", ports: usualPorts });
    expect(warn).toHaveBeenCalledWith(
      expect.stringContaining("set networkPolicy.dnsPorts and networkPolicy.apiServerPorts"),
    );
  });

  test("is not guessed by a run whose cluster fails to answer: fewer ports would shut Vault off", async () => {
    await clusterThat(400);
    await expect(networkAccess(lookedUp, "test")).rejects.toSatisfy((error) => pulumi.RunError.isInstance(error));
  });

  test("is what is usual in a preview of a cluster that cannot be asked", async () => {
    await run(true);
    await clusterThat(400);
    expect(await networkAccess(lookedUp, "test")).toEqual({ kind: "enforced", ports: usualPorts });
  });
});

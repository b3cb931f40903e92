/**
 * `npm run bench`: how long each use takes, against the same work done by hand on the same cluster in the same run.
 * Figures are for comparison, never for passing or failing.
 *
 * `-- --tools` adds the build of the sandbox's tools from nothing, which takes as long as it says. In place of the dev
 * stack, `-- --cluster` compares a cluster of three servers, `-- --secrets` the delivery of many secrets, and `--
 * --logins`, without a sandbox, database logins while many are open with the first ones.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { progress } from "../../scripts/steps.ts";
import { demoSettings } from "../support/dev-stack.ts";
import { eventually, LiveStack } from "../support/live-stack.ts";
import * as byHand from "./by-hand.ts";
import { compareClusters } from "./cluster.ts";
import { type Figure, median, must, table, timed } from "./figures.ts";
import { compareLogins } from "./logins.ts";
import { compareSecrets } from "./secrets.ts";

const figures: Figure[] = [];
const folder = mkdtempSync(join(tmpdir(), "vaultstack-bench-"));
try {
  if (process.argv.includes("--tools")) await toolsBuild();
  if (process.argv.includes("--logins")) figures.push(...(await compareLogins()));
  else await compareOnSandbox();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(table(figures));

async function compareOnSandbox(): Promise<void> {
  await clusterStart();
  if (process.argv.includes("--cluster")) figures.push(...(await compareClusters(folder)));
  else if (process.argv.includes("--secrets")) figures.push(...(await compareSecrets()));
  else await compareStacks();
}

async function toolsBuild(): Promise<void> {
  // Caches of its own, the compiler's included: otherwise it would measure what an earlier build left.
  const caches = { XDG_CACHE_HOME: join(folder, "cache"), GOCACHE: join(folder, "go") };
  const seconds = await timed(() => command(["node", "scripts/sandbox.ts", "build"], caches));
  figures.push({ what: "tools build, empty caches", seconds, baseline: null });
}

async function clusterStart(): Promise<void> {
  const running = await command(["node", "scripts/sandbox.ts", "status"]).then(
    () => true,
    () => false,
  );
  const seconds = await timed(() => command(["node", "scripts/sandbox.ts", "up"]));
  if (running) {
    progress("cluster start is left out: the sandbox was running already; `npm run sandbox -- down` first to have it");
  } else {
    figures.push({ what: "cluster start, tools cached", seconds, baseline: null });
  }
}

async function compareStacks(): Promise<void> {
  const name = "bench-dev";
  const stack = await LiveStack.create(
    name,
    {
      nodePort: 30224,
      demo: demoSettings(name, 30_225),
      postgresNamespace: `${name}-postgres`,
    },
    { 'kvSeeds["webapp/config"].username': "static-user", 'kvSeeds["webapp/config"].password': "static-password" },
  );
  stack.enter();
  const options = { folder, vaultImage: "hashicorp/vault:1.21.0", webAppImage: "vaultstack/web-app:0.2.0" };
  try {
    await byHand.remove(options);
    const installed = await timed(() => byHand.install(options));
    const inspected = await median(() => byHand.inspect(options));
    const healed = await median(() => byHand.heal(options), byHand.breakPod);
    const removed = await timed(() => byHand.remove(options));

    const up = await timed(() => must(stack.up()));
    figures.push({ what: "first up", seconds: up, baseline: { what: "install by hand", seconds: installed } });
    const inspection = { what: "inspect by hand", seconds: inspected };
    const preview = await median(() => must(stack.preview("--expect-no-changes")));
    figures.push({ what: "no-op preview", seconds: preview, baseline: inspection });
    const noop = await median(() => must(stack.up("--expect-no-changes")));
    figures.push({ what: "no-op up", seconds: noop, baseline: inspection });
    const heal = await median(
      () => must(stack.up()),
      () => breakPod(stack),
    );
    figures.push({
      what: "heal after a deleted pod",
      seconds: heal,
      baseline: { what: "unseal by hand", seconds: healed },
    });
    const destroy = await timed(() => must(stack.destroy()));
    figures.push({ what: "destroy", seconds: destroy, baseline: { what: "remove by hand", seconds: removed } });
  } finally {
    await byHand.remove(options);
    await stack.destroy();
    stack.forget();
  }
}

async function breakPod(stack: LiveStack): Promise<void> {
  await stack.kubectl("-n", stack.namespace, "delete", "pod", "vault-0", "--wait");
  const path = `/api/v1/namespaces/${stack.namespace}/pods/vault-0:8200/proxy/v1/sys/seal-status`;
  await eventually("the new pod answers, sealed", async () =>
    (await stack.kubectl("get", "--raw", path)).includes('"sealed":true'),
  );
}

async function command(words: readonly [string, ...string[]], environment: Record<string, string> = {}): Promise<void> {
  const [program, ...args] = words;
  await new Promise<void>((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, ...environment },
    });
    child.on("error", reject);
    child.on("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${words.join(" ")}: exit code ${code ?? "none"}`));
    });
  });
}

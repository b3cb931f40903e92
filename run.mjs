// The door of every npm script. Plain JavaScript for whatever Node the machine has: it installs the project's packages
// when they are missing or belong to another lock file, and runs the requested script with the Node pinned among them.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath, URL } from "node:url";

const project = fileURLToPath(new URL(".", import.meta.url));
const oldestNode = 18;

/** @type {Record<string, string[]>} Script file and leading arguments of each npm script. */
const scripts = {
  up: ["scripts/stack.ts", "up"],
  preview: ["scripts/stack.ts", "preview"],
  refresh: ["scripts/stack.ts", "refresh"],
  destroy: ["scripts/stack.ts", "destroy"],
  sandbox: ["scripts/sandbox.ts"],
  escrow: ["scripts/escrow.ts"],
  graph: ["scripts/graph.ts"],
  access: ["scripts/access.ts"],
  inventory: ["scripts/inventory.ts"],
  "ci:state": ["scripts/ci-state.ts"],
  "ci:preview": ["scripts/ci-preview.ts"],
  "ci:reader": ["scripts/ci-reader.ts"],
  "ci:copy": ["scripts/ci-copy.ts"],
  "ci:comment": ["scripts/ci-comment.ts"],
  test: ["scripts/test.ts"],
  "test:faults": ["scripts/test.ts", "--faults"],
  "test:live": ["scripts/test.ts", "--live"],
  check: ["scripts/check.ts"],
  bench: ["test/bench/bench.ts"],
  docs: ["scripts/docs.ts"],
};

/** What works without the packages of the sandbox; the others do when they are for a cluster of the caller's own. */
const withoutSandbox = ["escrow", "graph", "access", "ci:reader", "ci:copy", "ci:comment", "docs"];

const [name = "", ...args] = process.argv.slice(2);
const script = scripts[name];
if (script === undefined) {
  fail(`the script: must be one of ${Object.keys(scripts).join(", ")}, got "${name}"; use npm run <script>`);
}
if (Number.parseInt(process.versions.node, 10) < oldestNode) {
  fail(`Node: must be ${oldestNode} or newer to start, got ${process.version}; install a newer Node`);
}
const needsSandbox = !withoutSandbox.includes(name) && !/(^| )--cluster[= ]current( |$)/.test(args.join(" "));
installPackages();
runScript([...script, ...args]);

/**
 * Runs `npm ci` unless the lock file's packages are all there. Run on its own, `npm ci` leaves out the sandbox's, as
 * set in .npmrc.
 */
function installPackages() {
  if (packagesMatchLock()) return;
  const begun = Date.now();
  process.stderr.write("npm packages …\n");
  // No package here needs its install script: the pinned Node comes as a plain file, plugins are placed by the sandbox.
  const npm = spawnSync(
    "npm",
    [
      ...["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"],
      ...(needsSandbox ? ["--workspaces", "--include-workspace-root"] : []),
    ],
    {
      cwd: project,
      // Standard output is for the requested script alone.
      stdio: ["ignore", 2, 2],
    },
  );
  if (npm.error) fail(`npm: must be on PATH, got ${npm.error.message}; install Node with npm`);
  if (npm.status !== 0) fail(`npm ci: must succeed, got exit code ${npm.status}; see its output above`);
  process.stderr.write(`npm packages … done ${((Date.now() - begun) / 1000).toFixed(1)}s\n`);
}

/** Compares the lock file with npm's own record of what it has installed, which npm writes when it is done. */
function packagesMatchLock() {
  const record = join(project, "node_modules", ".package-lock.json");
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, "utf8")).packages;
  const locked = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8")).packages;
  const asked = ["", ...(needsSandbox ? ["sandbox"] : [])].flatMap((folder) => {
    const { dependencies, devDependencies, optionalDependencies } = locked[folder];
    return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
  });
  return (
    // Optional packages of other platforms are locked but not installed.
    asked.map((name) => `node_modules/${name}`).every((path) => path in installed || locked[path].optional === true) &&
    Object.entries(installed).every(([path, { version }]) => locked[path]?.version === version)
  );
}

/** The pinned Node is packaged for Linux; elsewhere the machine's own must be new enough to run the scripts. */
function presentNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 22 || (major === 22 && minor < 18)) {
    fail(
      `Node: must be 22.18 or newer on ${process.platform} ${process.arch}, got ${process.version}; install a newer Node`,
    );
  }
  return process.execPath;
}

/** @param {string[]} argv */
function runScript(argv) {
  const pinned = join(project, "node_modules", ".bin", "node");
  const node = existsSync(pinned) ? pinned : presentNode();
  const child = spawn(node, argv, {
    cwd: project,
    stdio: "inherit",
    env: {
      ...process.env,
      PATH: [join(project, "node_modules", ".bin"), process.env.PATH ?? ""].join(delimiter),
      // Loading the SDKs is a third of what a short command takes; Node keeps what it compiled of them. The engine's
      // own processes inherit it.
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(project, "node_modules", ".cache", "compiled"),
      // The pinned Node is not npm's own: what npm says about its Node would mislead the script.
      NODE: node,
      npm_node_execpath: node,
    },
  });
  // The script decides what a signal means; here it must only not end before the script has.
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("error", (error) => fail(`${node}: must be executable, got ${error.message}; delete node_modules`));
  child.on("exit", (code, signal) => {
    process.exit(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
  });
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

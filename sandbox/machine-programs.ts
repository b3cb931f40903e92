import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { attempt, run } from "./command.ts";
import { partsOf, type Extra } from "./extras.ts";
import { step } from "./progress.ts";

/** A program of the operating system that the cluster needs, and the Debian package that has it. */
interface MachineProgram {
  readonly name: string;
  readonly debianPackage: string;
  /** What it is needed for. @default - always */
  readonly extra?: Extra;
}

const programs: readonly MachineProgram[] = [
  { name: "containerd", debianPackage: "containerd" },
  { name: "containerd-shim-runc-v2", debianPackage: "containerd" },
  { name: "ctr", debianPackage: "containerd" },
  { name: "runc", debianPackage: "runc" },
  { name: "iptables", debianPackage: "iptables" },
  { name: "ip", debianPackage: "iproute2" },
  { name: "conntrack", debianPackage: "conntrack" },
  { name: "mount", debianPackage: "mount" },
  { name: "pip3", debianPackage: "python3-pip", extra: "gateway" },
];

/** Where distributions put CNI plugins. */
const networkPluginDirectories = ["/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"];
const networkPlugins = ["ptp", "portmap", "firewall", "host-local", "loopback"];
const networkPluginPackage = "containernetworking-plugins";

/**
 * Finds a program on PATH or in a folder for administrators, which is not on everyone's PATH.
 * @returns Its absolute path, or undefined.
 */
export function findProgram(name: string): string | undefined {
  const directories = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  return directories.map((directory) => join(directory, name)).find((file) => existsSync(file));
}

/**
 * Finds the folder that has all CNI plugins the pod network uses.
 * @returns An absolute path, or undefined.
 */
export function findNetworkPlugins(): string | undefined {
  return networkPluginDirectories.find((directory) =>
    networkPlugins.every((name) => existsSync(join(directory, name))),
  );
}

/** Installs the Debian packages of programs that are missing; does nothing where there is no `apt-get`. */
export async function installMissingPrograms(wanted: readonly Extra[]): Promise<void> {
  const missing = missingPackages(wanted);
  if (missing.length === 0 || findProgram("apt-get") === undefined) return;
  await step(`install ${missing.join(", ")}`, async () => {
    const install = ["apt-get", "install", "--yes", "--no-install-recommends", ...missing] as const;
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    // Package lists may be missing or old; they are fetched only then, since it takes a while.
    if ((await attempt(install, { env })).code === 0) return;
    await run(["apt-get", "update"], { env });
    await run(install, { env });
  });
}

/** Says what is still missing. */
export function missingProgramFaults(wanted: readonly Extra[]): string[] {
  const missing = missingPackages(wanted);
  if (missing.length === 0) return [];
  return [`programs: must be installed, got none of ${missing.join(", ")}; install these packages or their like`];
}

function missingPackages(wanted: readonly Extra[]): string[] {
  const absent = partsOf(wanted, programs)
    .filter(({ name }) => findProgram(name) === undefined)
    .map((program) => program.debianPackage);
  return [...new Set([...absent, ...(findNetworkPlugins() === undefined ? [networkPluginPackage] : [])])];
}

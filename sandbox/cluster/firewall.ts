import { attempt, run } from "../command.ts";
import { ruleComment } from "./network.ts";

/** Chains of the kubelet, of kube-proxy and of the CNI plugins. */
const ourChain = /^(KUBE|CNI)-/;

/** Removes every chain and rule that the cluster has put into the machine's firewall, in one transaction per family. */
export async function cleanFirewall(): Promise<void> {
  for (const family of ["iptables", "ip6tables"]) {
    const saved = await attempt([`${family}-save`]);
    if (saved.code !== 0) continue;
    const removal = renderRemoval(saved.stdout);
    if (removal !== "") await run([`${family}-restore`, "--noflush", "-w"], { input: removal });
  }
}

/** Whether the firewall holds anything of a cluster. */
export async function firewallLeftovers(): Promise<string[]> {
  const saved = await Promise.all(["iptables-save", "ip6tables-save"].map((program) => attempt([program])));
  return saved
    .flatMap(({ stdout }) => stdout.split("\n"))
    .filter((line) => ourChain.test(line.replace(/^(:|-A )/, "")) || line.includes(ruleComment));
}

/**
 * Turns what `iptables-save` says into what removes our part of it.
 * @param saved Output of `iptables-save`.
 * @returns Input for `iptables-restore --noflush`; empty when there is nothing to remove.
 */
export function renderRemoval(saved: string): string {
  const tables = saved.split(/^(?=\*)/m).filter((table) => table.startsWith("*"));
  return tables.map(renderTableRemoval).join("");
}

function renderTableRemoval(table: string): string {
  const lines = table.split("\n");
  const chains = lines.flatMap((line) => {
    const name = /^:(\S+)/.exec(line)?.[1];
    return name !== undefined && ourChain.test(name) ? [name] : [];
  });
  const rules = lines.filter((line) => {
    const [, chain = "", rest = ""] = /^-A (\S+) (.*)$/.exec(line) ?? [];
    if (chain === "" || ourChain.test(chain)) return false;
    return / -[jg] (KUBE|CNI)-/.test(` ${rest}`) || rest.includes(ruleComment);
  });
  if (chains.length + rules.length === 0) return "";
  const commands = [
    ...rules.map((rule) => rule.replace(/^-A/, "-D")),
    // All emptied before the first is deleted, since they refer to each other.
    ...chains.map((chain) => `-F ${chain}`),
    ...chains.map((chain) => `-X ${chain}`),
  ];
  return `${lines[0] ?? ""}\n${commands.join("\n")}\nCOMMIT\n`;
}

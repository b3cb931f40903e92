import { execFileSync } from "node:child_process";
import { onTestFinished } from "vitest";

/** One direction of traffic between two pods of this machine. */
interface Cut {
  readonly from: string;
  readonly to: string;
  /** Only connections to this port; all traffic when there is none. */
  readonly port?: number;
}

/**
 * Drops traffic between pods on its way through this machine, which is their only node: what a partition between
 * machines, or a network policy, does to them. The API server and clients outside still reach every pod.
 * @param cuts What is dropped, by the pods' addresses.
 * @returns Lets the traffic through again. The end of the test does so too.
 */
export function cutNetwork(cuts: readonly Cut[]): () => void {
  const rules = cuts.map(({ from, to, port }) => [
    ...["FORWARD", "--source", from, "--destination", to],
    ...(port === undefined ? [] : ["--protocol", "tcp", "--dport", String(port)]),
    ...["--jump", "DROP"],
  ]);
  for (const rule of rules) execFileSync("iptables", ["--wait", "--insert", ...rule]);
  let isCut = true;
  const mend = (): void => {
    if (!isCut) return;
    isCut = false;
    for (const rule of rules) execFileSync("iptables", ["--wait", "--delete", ...rule]);
  };
  onTestFinished(mend);
  return mend;
}

/** Everything between one pod and the others, both ways. */
export function around(pod: string, others: readonly string[], port?: number): Cut[] {
  const only = port === undefined ? {} : { port };
  return others.flatMap((other) => [
    { from: pod, to: other, ...only },
    { from: other, to: pod, ...only },
  ]);
}

import { expect, test } from "vitest";
import { parseListeners } from "../../cluster/port-faults.ts";

const header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const line = (local: string, state: string, inode: string) =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000 100 0 0 10 0`;

test("a socket on every address is in the way", () => {
  expect(parseListeners([header, line("00000000:192B", "0A", "4711")].join("\n"))).toEqual([
    { port: 6443, inode: "4711" },
  ]);
});

test("a socket on every IPv6 address is in the way, since it takes IPv4 as well", () => {
  const table = [header, line(`${"0".repeat(32)}:0035`, "0A", "12")].join("\n");
  expect(parseListeners(table)).toEqual([{ port: 53, inode: "12" }]);
});

test("a socket on the node's own address is in the way", () => {
  expect(parseListeners([header, line("0100C80A:192B", "0A", "5")].join("\n"))).toHaveLength(1);
});

test("sockets on the loopback, and connections, are not in the way", () => {
  expect(
    parseListeners([header, line("0100007F:192B", "0A", "5"), line("00000000:192B", "01", "6")].join("\n")),
  ).toEqual([]);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { firstTunnelPort, tunnelPortCount, tunnelPort } from "../../../../kube/tunnel/tunnel-port.ts";

test("gives the same stack the same port, below the ports of outgoing connections", () => {
  fc.assert(
    fc.property(fc.string(), (key) => {
      const port = tunnelPort(key);
      expect(port).toBe(tunnelPort(key));
      expect(port).toBeGreaterThanOrEqual(firstTunnelPort);
      expect(port).toBeLessThan(firstTunnelPort + tunnelPortCount);
    }),
  );
  expect(firstTunnelPort + tunnelPortCount).toBeLessThan(32_768);
});

test("keeps the port of a known stack, since it stands in states", () => {
  expect(tunnelPort("vaultstack/dev")).toBe(21_523);
});

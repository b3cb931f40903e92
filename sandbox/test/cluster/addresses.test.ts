import { expect, test } from "vitest";
import { chooseRanges, firstAddress } from "../../cluster/addresses.ts";

test("a machine without private routes gets the ranges beside the node's address", () => {
  expect(chooseRanges(["192.0.2.0/24"])).toEqual({ pods: "10.200.16.0/20", services: "10.200.32.0/20" });
});

test("a route that covers the first choice moves both ranges elsewhere", () => {
  expect(chooseRanges(["10.0.0.0/8"])?.pods).toBe("172.29.16.0/20");
});

test("a single address inside a range is enough to leave it", () => {
  expect(chooseRanges(["10.200.47.255"])?.services).toBe("172.29.32.0/20");
});

test("a neighbouring range is no obstacle", () => {
  expect(chooseRanges(["10.200.48.0/20", "10.200.0.0/20"])?.pods).toBe("10.200.16.0/20");
});

test("where every private network is taken, the range for benchmarks is left", () => {
  expect(chooseRanges(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"])?.pods).toBe("198.18.16.0/20");
});

test("no range is chosen when all are taken", () => {
  expect(chooseRanges(["0.0.0.0/0"])).toBeUndefined();
});

test("the kubernetes service has the first address of its range", () => {
  expect(firstAddress("10.200.32.0/20")).toBe("10.200.32.1");
  expect(firstAddress("198.18.32.0/20")).toBe("198.18.32.1");
});

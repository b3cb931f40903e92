import { expect, test } from "vitest";

import { stackGuide } from "../../../scripts/stack-guide.ts";

const sandboxDev = { action: "up", stack: "dev", cluster: "sandbox", flags: [] } as const;

test("the guide names what can be looked at, how to get a shell, and how to remove it", () => {
  const outputs = { demo: { webAppUrl: "http://10.200.0.1:30005" }, vaultAddress: "http://10.200.0.1:30004", other: 1 };
  expect(stackGuide(sandboxDev, outputs)).toBe(
    [
      "stack dev is up",
      "  web app  http://10.200.0.1:30005",
      "  Vault    http://10.200.0.1:30004",
      '  shell    eval "$(npm run -s sandbox -- env)"',
      "  remove   npm run destroy -- dev; npm run sandbox -- down",
    ].join("\n"),
  );
});

test("an output the stack does not have, or has no plain value, gets no line", () => {
  const guide = stackGuide(sandboxDev, { demo: {}, vaultAddress: null });
  expect(guide).not.toContain("web app");
  expect(guide).not.toContain("Vault");
});

test("the shell of another stack names that stack", () => {
  expect(stackGuide({ ...sandboxDev, stack: "ha" }, {})).toContain("sandbox -- env --stack ha");
});

test("on the caller's own cluster there is no word of the sandbox", () => {
  expect(stackGuide({ ...sandboxDev, cluster: "current" }, {})).not.toContain("sandbox");
});

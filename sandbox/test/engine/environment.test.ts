import { join } from "node:path";
import { expect, test } from "vitest";

import { engineEnvironment, withoutUnwanted } from "../../engine/environment.ts";
import { engineLayout } from "../../engine/layout.ts";
import { cacheDirectory } from "../../paths.ts";

const layout = engineLayout("/project", "/state");

test("everything of the engine is in the sandbox's state folder", () => {
  expect(engineEnvironment(layout, "dev", "/usr/bin")).toMatchObject({
    PULUMI_HOME: "/state/pulumi",
    PULUMI_BACKEND_URL: "file:///state/backend",
    PULUMI_CONFIG_PASSPHRASE_FILE: "/state/passphrase",
    PULUMI_OPTION_STACK: "dev",
    PULUMI_OPTION_CONFIG_FILE: "/state/stacks/Pulumi.dev.yaml",
  });
});

test("compiled code is kept where every clone finds it", () => {
  expect(engineEnvironment(layout, "dev", "/usr/bin")["NODE_COMPILE_CACHE"]).toBe(join(cacheDirectory, "compiled"));
});

test("the engine's folder is first on PATH, once, however often the environment is taken over", () => {
  const once = engineEnvironment(layout, "dev", "/usr/bin:/bin")["PATH"]!;
  expect(once).toBe("/state/pulumi/bin:/usr/bin:/bin");
  expect(engineEnvironment(layout, "dev", once)["PATH"]).toBe(once);
});

test("settings that lead to another backend, passphrase or Vault are left out", () => {
  const env = { PULUMI_ACCESS_TOKEN: "x", PULUMI_CONFIG_PASSPHRASE: "", VAULT_ADDR: "http://elsewhere", HOME: "/root" };
  expect(withoutUnwanted(env)).toEqual({ HOME: "/root" });
});

import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { protocolProvider } from "../../../protocol/protocol-provider.ts";

/**
 * The methods as they are, in this process. That they survive being stored as text is for the live tests: Pulumi's serialiser
 * does not work here.
 */
describe("a provider made from a module", () => {
  const project = mkdtempSync(join(tmpdir(), "protocol-"));
  const methods = ["check", "diff", "create", "update", "read", "delete_"];

  beforeAll(() => {
    const folder = join(project, "components", "vault", "protocol");
    mkdirSync(folder, { recursive: true });
    const text = methods.map((name) => `export const ${name} = async (...args) => ({ called: "${name}", args });`);
    writeFileSync(join(folder, "echo.mjs"), text.join("\n"));
    vi.spyOn(process, "cwd").mockReturnValue(project);
  });

  afterAll(() => {
    vi.restoreAllMocks();
  });

  const provider = protocolProvider<object, object>("echo.mjs");
  const [olds, news] = [{ a: 1 }, { a: 2 }];

  test("calls the namesake of each method in the project's folder, with what it was given", async () => {
    expect(await provider.check?.(olds, news)).toEqual({ called: "check", args: [olds, news] });
    expect(await provider.diff?.("id", olds, news)).toEqual({ called: "diff", args: ["id", olds, news] });
    expect(await provider.create(news)).toEqual({ called: "create", args: [news] });
    expect(await provider.update?.("id", olds, news)).toEqual({ called: "update", args: ["id", olds, news] });
    expect(await provider.read?.("id", olds)).toEqual({ called: "read", args: ["id", olds] });
  });

  test("deletes without an answer", async () => {
    expect(await provider.delete?.("id", olds)).toBeUndefined();
  });

  test("refuses an import, for which the engine has no properties", async () => {
    await expect(provider.read?.("id")).rejects.toThrow("this resource cannot be imported");
  });
});

import { afterEach, expect, test } from "vitest";
import { PersonShell } from "../../support/person-shell.ts";

let shell: PersonShell | undefined;

afterEach(() => {
  shell?.close();
});

test("a shell keeps what was exported, tells both streams apart, and goes on after a command that failed", async () => {
  shell = new PersonShell("/", { given: "before" });
  expect(await shell.run("eval \"export kept='a b'\"   # a comment")).toMatchObject({ code: 0, output: "" });
  expect(await shell.run('echo "$given $kept"; echo told >&2; false')).toMatchObject({
    code: 1,
    stdout: "before a b\n",
    output: expect.stringContaining("told") as string,
  });
  expect(await shell.run("cat", { answer: "typed" })).toMatchObject({ code: 0, stdout: "typed" });
});

test("a command that hangs is ended with what it printed", async () => {
  shell = new PersonShell("/");
  await expect(shell.run("echo so far; sleep 600", { limitSeconds: 0.5 })).rejects.toThrow(/did not end.*\nso far/);
});

test("a shell has nothing of the runner that started it", async () => {
  shell = new PersonShell("/");
  expect((await shell.run("env")).stdout).not.toMatch(/^(VITEST|NODE_ENV|npm_)/m);
});

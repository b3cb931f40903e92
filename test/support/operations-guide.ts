import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { DevStack } from "./dev-stack.ts";
import type { EngineRun } from "./live-stack.ts";

const docs = join(import.meta.dirname, "..", "..", "docs");

/** Operations, guides and runbooks as one text, in which the title of a page is a heading like others. */
const guide = globSync(["operations.md", "guides/*.md", "runbooks/*.md"], { cwd: docs })
  .map((page) => readFileSync(join(docs, page), "utf8").replace(/^# /, "## "))
  .join("\n");

/** The text under one heading of the operations guide, without the headings below it. */
function sectionOf(heading: string): string {
  const start = guide.search(new RegExp(`^##+ ${heading}$`, "m"));
  if (start < 0) throw new Error(`the operations guide has no heading "${heading}"`);
  const text = guide.slice(guide.indexOf("\n", start));
  const end = text.search(/^##+ /m);
  return end < 0 ? text : text.slice(0, end);
}

/** The commands a section names in its text, in order; of one numbered step, or of all of it. */
export function commandsOf(heading: string, step?: number): string[] {
  const section = sectionOf(heading);
  const text =
    step === undefined
      ? section
      : (new RegExp(`^${step}\\. [^]*?(?=^\\d+\\. |$(?![^]))`, "m").exec(section)?.[0] ?? "");
  const commands = Array.from(text.matchAll(/`([^`\n]+)`/g), ([, code = ""]) => code).filter((code) =>
    /^(pulumi|npm|kubectl|vault) /.test(code),
  );
  if (commands.length === 0) throw new Error(`step ${String(step)} of "${heading}" names no command`);
  return commands;
}

/** The blocks of shell a section shows, in order. */
export function blocksOf(heading: string): string[] {
  // Settings are blocks too, of another language.
  const blocks = Array.from(sectionOf(heading).matchAll(/^```(\w*)\n([^]*?)^```$/gm));
  return blocks.filter(([, language]) => language === "").map(([, , block = ""]) => block);
}

/** A command the guide has word for word: what a test adds to it is not the guide's. */
export function asWritten(command: string): string {
  if (!guide.includes(command)) throw new Error(`the operations guide does not say: ${command}`);
  return command;
}

/**
 * Follows commands of the guide to the letter, for this stack: names it, its namespace and its cluster, and answers
 * yes.
 */
export async function follow(dev: DevStack, commands: readonly string[]): Promise<EngineRun> {
  const script = ["set -e -o pipefail", ...commands].map((command) => forStack(dev, command)).join("\n");
  const { name } = dev.stack;
  return dev.stack.withEnvironment({ PULUMI_OPTION_STACK: name, PULUMI_OPTION_YES: "true" }, () =>
    dev.stack.shell(script),
  );
}

/** Follows one command that asks at a terminal; gives each answer once its question is there. */
export async function followAsked(
  dev: DevStack,
  command: string,
  answers: readonly (readonly [question: string, answer: string])[],
): Promise<EngineRun> {
  const script = ["--quiet", "--return", "--command", forStack(dev, command), "/dev/null"];
  const environment = { ...dev.stack.environmentOfCommands(), PULUMI_OPTION_STACK: dev.stack.name };
  const child = spawn("script", script, { cwd: join(import.meta.dirname, "..", ".."), env: environment });
  let output = "";
  const waiting = [...answers];
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    const [question, answer] = waiting[0] ?? [];
    if (question === undefined || !output.includes(question)) return;
    waiting.shift();
    child.stdin.write(`${answer ?? ""}\r`);
  });
  const [code] = z
    .tuple([z.number().nullable()])
    .rest(z.unknown())
    .parse(await once(child, "close"));
  return { code, output };
}

function forStack(dev: DevStack, command: string): string {
  const { stack, namespace, webAppNamespace, demoAppNamespace, postgresNamespace } = dev;
  return command
    .replaceAll(/npm run (up|preview|refresh|destroy) -- <stack>/g, "npm run $1 -- <stack> --cluster current")
    .replaceAll("<stack>", stack.name)
    .replace(
      "namespace vault webapp app postgres",
      `namespace ${namespace} ${webAppNamespace} ${demoAppNamespace} ${postgresNamespace}`,
    )
    .replace(" vault-vault-server-binding", ` ${namespace}-vault-server-binding`)
    .replaceAll(/-n vault\b/g, `-n ${namespace}`)
    .replaceAll(/-n webapp\b/g, `-n ${webAppNamespace}`);
}

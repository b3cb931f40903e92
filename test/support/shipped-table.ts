import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { renderTable } from "../../scripts/suites/render-table.ts";
import { describeChanges } from "./engine-changes.ts";
import { eventually } from "./live-stack.ts";
import type { Mend, ShippedAction, ShippedRun, ShippedStack } from "./shipped-stack.ts";

/** A state Vault may be in when a person comes. */
export interface VaultCondition {
  readonly name: string;
  /** Servers that are not as they should be. */
  readonly pods: readonly string[];
  readonly kind: "sealed" | "frozen" | "unreachable";
}

const places = { sealed: "restart", frozen: "freeze", unreachable: "cutOff" } as const;

/** What came of each action in each condition. */
export class ShippedTable {
  readonly #rows: string[][] = [["Vault is", "npm run", "exit", "what it did, or would do", "seconds"]];
  readonly #file: string;

  constructor(stack: string) {
    this.#file = join(process.cwd(), ".vault", `as-shipped-${stack}.md`);
  }

  note(condition: string, action: string, run: ShippedRun): void {
    const did = run.changes === null ? faultOf(run.output) : describeChanges(run.changes);
    this.#rows.push([condition, action, String(run.code), did.replaceAll("|", "/"), run.seconds.toFixed(0)]);
  }

  print(): void {
    const table = renderTable(this.#rows, (column) => column === 2 || column === 4);
    process.stdout.write(`\n${table}\n`);
    mkdirSync(join(process.cwd(), ".vault"), { recursive: true });
    writeFileSync(this.#file, `${table}\n`);
  }
}

/** A stack that is taken through conditions, each made anew for an action that may have ended it. */
export class ShippedRounds {
  readonly stack: ShippedStack;
  readonly table: ShippedTable;
  #mend: Mend | undefined;
  #held: readonly number[] = [];

  constructor(stack: ShippedStack) {
    this.stack = stack;
    this.table = new ShippedTable(stack.name);
  }

  async run(condition: string, action: ShippedAction, ...flags: readonly string[]): Promise<ShippedRun> {
    const run = await this.stack.run(action, ...flags);
    this.table.note(condition, [action, ...flags].join(" "), run);
    return run;
  }

  /** Takes back whatever fault there is. */
  mend(): void {
    this.#mend?.();
    this.#mend = undefined;
  }

  /** Brings every server back to its work. */
  async heal(): Promise<void> {
    this.mend();
    if (await this.#isWhole()) return;
    const up = await this.stack.run("up");
    expect(up.code, up.output).toBe(0);
  }

  /** Brings the condition about, on a stack that is whole otherwise. */
  async bring({ kind, pods }: VaultCondition): Promise<void> {
    if (await this.#holds(kind, pods)) return;
    await this.heal();
    this.#mend = (await this.stack[places[kind]](pods)) ?? undefined;
    this.#held = kind === "sealed" ? [] : await Promise.all(pods.map((pod) => this.stack.process(pod)));
  }

  /**
   * A kubelet restarts a server that does not answer: then it is a sealed one, and no longer the one that was frozen.
   */
  async #holds(kind: VaultCondition["kind"], pods: readonly string[]): Promise<boolean> {
    if (kind === "sealed") {
      const sealed = await Promise.all(this.stack.pods.map(async (pod) => (await this.stack.isSealed(pod)) === true));
      return this.stack.pods.every((pod, index) => sealed[index] === pods.includes(pod));
    }
    if (this.#mend === undefined) return false;
    const now = await Promise.all(pods.map((pod) => this.stack.process(pod).catch(() => 0)));
    return now.every((pid, index) => pid === this.#held[index]);
  }

  async #isWhole(): Promise<boolean> {
    const sealed = await Promise.all(this.stack.pods.map((pod) => this.stack.isSealed(pod)));
    return sealed.every((answer) => answer === false);
  }
}

/**
 * A run that came to its end or stopped with what to do about it; it never says that something is gone which is not
 * seen.
 */
function expectToldOrDone(run: ShippedRun): void {
  if (run.code !== 0) {
    expect(run.output).toMatch(/docs\/(?:runbooks|guides)\/[a-z-]+|unseal Vault, then run again|does not serve/);
  }
  expect(run.changes?.counts.delete, run.output).toBeUndefined();
}

/** What a person may ask of a stack that is not there, before it comes up. */
export function testAbsence(rounds: ShippedRounds): void {
  test("a preview shows what will be made, and nothing else", async () => {
    const preview = await rounds.run("absent", "preview");
    expect(preview.code, preview.output).toBe(0);
    expect(Object.keys(preview.changes?.counts ?? {})).toEqual(["create"]);
  });

  test("a refresh finds no object", async () => {
    const refresh = await rounds.run("absent", "refresh", "--preview-only");
    expect(refresh.code, refresh.output).toBe(0);
    expect(objectsIn(refresh)).toEqual([]);
  });

  test("a destroy has nothing to do", async () => {
    const destroy = await rounds.run("absent", "destroy");
    expect(destroy.code, destroy.output).toBe(0);
  });
}

/** The rows of one condition. */
export function describeCondition(rounds: ShippedRounds, condition: VaultCondition, isLast: boolean): void {
  const { name } = condition;
  describe(`while Vault is ${name}`, () => {
    afterAll(() => {
      rounds.mend();
    });

    test("a preview shows the unsealing and nothing else", async () => {
      await rounds.bring(condition);
      const preview = await rounds.run(name, "preview");
      expect(preview.code, preview.output).toBe(0);
      const resources = [expect.stringMatching(/^Unseal /) as string];
      expect(preview.changes, preview.output).toEqual({ counts: { update: 1 }, resources });
    });

    test("a refresh shows nothing inside Vault as gone", async () => {
      await rounds.bring(condition);
      expectToldOrDone(await rounds.run(name, "refresh", "--preview-only"));
    });

    test("an up heals it, or ends with what to do", async () => {
      await rounds.bring(condition);
      const up = await rounds.run(name, "up");
      if (condition.kind === "sealed") expect(up.code, up.output).toBe(0);
      expectToldOrDone(up);
      rounds.mend();
      const again = up.code === 0 ? up : await rounds.run(`${name}, then answers`, "up");
      expect(again.code, again.output).toBe(0);
      const preview = await rounds.stack.run("preview", "--expect-no-changes");
      expect(preview.code, preview.output).toBe(0);
    }, 1_200_000);

    test("a destroy takes the stack away", async () => {
      await rounds.bring(condition);
      const destroy = await rounds.run(name, "destroy");
      expect(destroy.code, destroy.output).toBe(0);
      rounds.mend();
      expect(await leftNamespaces(rounds.stack)).toEqual([]);
      if (isLast) return;
      const up = await rounds.stack.run("up");
      expect(up.code, up.output).toBe(0);
    }, 1_200_000);
  });
}

/**
 * The types of all that a run shows, or did, but the stack, its components and providers: the engine counts those,
 * which are objects nowhere, in every refresh that runs the program.
 */
function objectsIn({ output }: ShippedRun): string[] {
  const types = [...output.matchAll(/^ *[-+~><]+ +(\S+:\S+:\S+) \S+/gm)].map(([, type = ""]) => type);
  return types.filter((type) => !/^(?:vaultstack:|pulumi:)/.test(type));
}

/** Namespaces of the stacks as they are shipped that are there. */
export async function leftNamespaces(stack: ShippedStack): Promise<string[]> {
  const own = ["vault", "webapp", "app", "postgres", "demo-ns", "vault-secrets-operator-system"];
  let left: string[] = [];
  await eventually("the namespaces can be listed", async () => {
    const names = (await stack.kubectl("get", "namespaces", "-o", "name")).split("\n");
    left = own.filter((name) => names.includes(`namespace/${name}`));
    return true;
  });
  return left;
}

function faultOf(output: string): string {
  const line =
    output.split("\n").find((text) => /^\s*error: |\[.*\]: |: must /.test(text)) ?? output.trim().split("\n").at(-1);
  return (line ?? "").trim().slice(0, 160);
}

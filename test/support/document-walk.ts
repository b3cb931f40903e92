import { readFileSync } from "node:fs";
import { join } from "node:path";
import { asPattern, commandsIn, filledIn, sessionIn, type ShownCommand } from "./document-blocks.ts";
import { blocksOfSuite } from "./document-runs.ts";
import type { CommandOptions, CommandRun, PersonShell } from "./person-shell.ts";

/**
 * Runs the commands that a suite has of a document, as written and in their order: a test can leave none out without
 * saying so, and take none twice.
 */
export class DocumentWalk {
  readonly #left: string[];
  readonly #shown: readonly string[];
  readonly #sessions: readonly ShownCommand[];

  /**
   * @param document Path of the document in the repository.
   * @param suite The suite, as the list of who runs what names it.
   */
  constructor(document: string, suite: string) {
    const blocks = blocksOfSuite(document, suite);
    if (blocks.length === 0) throw new Error(`${document} has no block for the suite ${suite}`);
    this.#shown = blocks.filter(({ run }) => run.kind === "shown").map(({ block }) => block.text);
    this.#left = blocks
      .filter(({ run }) => run.kind === "run")
      .flatMap(({ block: { text } }) =>
        text.startsWith("$ ") ? sessionIn(text).map(({ command }) => command) : commandsIn(text),
      );
    this.#sessions = blocks.flatMap(({ block }) => sessionIn(block.text));
  }

  /**
   * Runs the next command.
   * @param beginning What it must begin with, which says in the test what happens.
   * @param values What a person fills in for its placeholders.
   */
  async run(
    shell: PersonShell,
    beginning: string,
    { values = {}, ...options }: CommandOptions & { readonly values?: Readonly<Record<string, string>> } = {},
  ): Promise<CommandRun> {
    return shell.run(filledIn(this.#next(beginning), values), options);
  }

  /**
   * Leaves the next command to another suite.
   * @param suite Its file below test/live, in which the command stands.
   */
  leave(beginning: string, suite: string): void {
    const file = join(import.meta.dirname, "..", "live", `${suite}.test.ts`);
    if (!readFileSync(file, "utf8").includes(beginning)) throw new Error(`${suite} does not run ${beginning}`);
    this.#next(beginning);
  }

  /** What the document shows that a command prints, as a pattern. */
  shown(beginning: string): RegExp {
    const session = this.#sessions.find(({ command }) => command.startsWith(beginning))?.printed;
    const text = session ?? this.#shown.find((block) => block.startsWith(beginning));
    if (text === undefined) throw new Error(`the document shows nothing that begins with ${beginning}`);
    return asPattern(text.trimEnd());
  }

  /** The commands that were not run. */
  left(): readonly string[] {
    return this.#left;
  }

  #next(beginning: string): string {
    const next = this.#left.shift();
    if (next?.startsWith(beginning) !== true) {
      throw new Error(`the document goes on with ${next ?? "nothing"}, not with ${beginning}`);
    }
    return next;
  }
}

/** One fenced block of a document. */
export interface DocumentBlock {
  /** The heading it stands under. */
  readonly heading: string;
  /** The word behind the fence; empty for a block of shell, or for what a command prints. */
  readonly language: string;
  readonly text: string;
}

/** A command of a console session, and what it prints. */
export interface ShownCommand {
  readonly command: string;
  readonly printed: string;
}

/**
 * The fenced blocks of a document, in order.
 * @param text Markdown.
 */
export function blocksIn(text: string): DocumentBlock[] {
  const blocks: DocumentBlock[] = [];
  let heading = "";
  let open: { fence: string; language: string; lines: string[] } | undefined;
  for (const line of text.split("\n")) {
    const [, indent = "", fence = "", language = ""] = /^( *)(`{3,})(\w*) *$/.exec(line) ?? [];
    if (open !== undefined && line.trim() === open.fence) {
      blocks.push({ heading, language: open.language, text: open.lines.join("\n") });
      open = undefined;
    } else if (open !== undefined) {
      open.lines.push(line);
    } else if (fence !== "") {
      if (indent !== "") throw new Error(`under "${heading}": a block must begin at the left, got ${line}`);
      open = { fence, language, lines: [] };
    } else {
      heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading;
    }
  }
  if (open !== undefined) throw new Error(`under "${heading}": a block must end, got none`);
  return blocks;
}

/**
 * The commands of a block of shell as they are written, comments included. One goes on over lines that a backslash
 * continues, or that are indented or close a brace.
 */
export function commandsIn(text: string): string[] {
  return text.split("\n").reduce<string[]>((commands, line) => {
    const last = commands.at(-1);
    if (line.trim() === "") return commands;
    const goesOn = last !== undefined && (last.endsWith("\\") || /^[\s}]/.test(line));
    return goesOn ? [...commands.slice(0, -1), `${last}\n${line}`] : [...commands, line];
  }, []);
}

/** What a block shows that begins its commands with a dollar sign. */
export function sessionIn(text: string): ShownCommand[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf("\n");
      return { command: end < 0 ? part : part.slice(0, end), printed: end < 0 ? "" : part.slice(end + 1) };
    });
}

/**
 * What a document says something looks like, as a pattern: `…` stands for anything in its line.
 * @param shown As it stands in the document.
 */
export function asPattern(shown: string): RegExp {
  const lines = shown.split("\n").map((line) =>
    line
      .trimEnd()
      .split("…")
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join("[^\\n]+"),
  );
  return new RegExp(`^${lines.join("\\n")}$`, "m");
}

/**
 * A command with what its reader fills in.
 * @param values By placeholder, without its brackets.
 * @throws When it has a placeholder that has no value.
 */
export function filledIn(command: string, values: Readonly<Record<string, string>>): string {
  return command.replaceAll(/<([a-z][a-z ]*)>/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`nothing is known for <${name}> in: ${command}`);
    return value;
  });
}

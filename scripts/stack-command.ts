/** What can be done with a stack. */
export type StackAction = "up" | "preview" | "refresh" | "destroy";

/** Which cluster a stack is for: the disposable one of this machine, or that of the caller's own kube context. */
export type ClusterChoice = "sandbox" | "current";

/** A call of `npm run up|preview|refresh|destroy`, understood. */
export interface StackCommand {
  readonly action: StackAction;
  readonly stack: string;
  readonly cluster: ClusterChoice;
  /** Everything else, for `pulumi` as it is. */
  readonly flags: readonly string[];
}

const actions: readonly string[] = ["up", "preview", "refresh", "destroy"] satisfies StackAction[];
const clusters: readonly string[] = ["sandbox", "current"] satisfies ClusterChoice[];
const defaultStack = "dev";

/**
 * Reads `<action> [stack] [--cluster sandbox|current] [pulumi flags]`.
 *
 * The stack comes first if at all: after a flag, a bare word may be that flag's value.
 *
 * @returns The command, or every fault of the call.
 */
export function parseStackCommand(argv: readonly string[]): StackCommand | { readonly faults: readonly string[] } {
  const [action = "", ...rest] = argv;
  const named = rest[0]?.startsWith("-") === false ? rest[0] : undefined;
  const { cluster, flags } = takeCluster(named === undefined ? rest : rest.slice(1));
  const faults: string[] = [];
  if (!isAction(action)) faults.push(`the action: must be one of ${actions.join(", ")}, got "${action}"; name one`);
  if (!isCluster(cluster)) faults.push(`--cluster: must be sandbox or current, got "${cluster}"; name one of them`);
  if (flags.some((flag) => /^(--stack|-s)(=|$)/.test(flag))) {
    faults.push("--stack: must be given as the first word, got a flag; write it as in: npm run up -- dev");
  }
  return isAction(action) && isCluster(cluster) && faults.length === 0
    ? { action, stack: named ?? defaultStack, cluster, flags }
    : { faults };
}

/**
 * The arguments for `pulumi`.
 *
 * A refresh, and a destroy of some resources, need connections only the program provides; a destroy of everything does
 * not, because what lives inside Vault goes with its server.
 *
 * The engine previews before it changes anything, even where nobody is asked: what a preview refuses, such as a volume
 * that is gone, is then refused while everything still is as it was. `--skip-preview` saves its seconds.
 *
 * Previews and updates run the policy pack: what breaks one of its rules is not deployed.
 *
 * @param interactive Whether a person can answer the engine's question.
 */
export function pulumiArguments(command: StackCommand, interactive: boolean): string[] {
  const { action, stack, flags } = command;
  const changes = action !== "preview" && !hasFlag(flags, "--preview-only");
  const asks = interactive && command.cluster === "current";
  return [
    action,
    "--stack",
    stack,
    ...(changes && !asks ? ["--yes"] : []),
    ...(needsProgram(action, flags) ? ["--run-program"] : []),
    ...(["up", "preview"].includes(action) ? ["--policy-pack", "policy"] : []),
    ...flags,
  ];
}

/**
 * Tells the program whether everything is refreshed first.
 * @returns Variables for the program's environment, since the engine does not tell it.
 */
export function refreshVariable({ flags }: StackCommand): Record<string, string> {
  return hasFlag(flags, "--refresh", "-r") ? { PULUMI_OPTION_REFRESH: "true" } : {};
}

function needsProgram(action: StackAction, flags: readonly string[]): boolean {
  if (hasFlag(flags, "--run-program")) return false;
  switch (action) {
    case "refresh":
      return true;
    case "up":
    case "preview":
      return hasFlag(flags, "--refresh", "-r");
    case "destroy":
      return hasFlag(flags, "--target", "-t", "--exclude", "-x", "--exclude-protected", "--refresh", "-r");
  }
}

function hasFlag(flags: readonly string[], ...names: readonly string[]): boolean {
  return flags.some((flag) => names.includes(flag.split("=")[0] ?? flag));
}

function takeCluster(words: readonly string[]): { cluster: string; flags: string[] } {
  const at = words.findIndex((word) => word === "--cluster" || word.startsWith("--cluster="));
  const word = words[at];
  if (word === undefined) return { cluster: "sandbox", flags: [...words] };
  if (word === "--cluster") return { cluster: words[at + 1] ?? "", flags: words.toSpliced(at, 2) };
  return { cluster: word.slice("--cluster=".length), flags: words.toSpliced(at, 1) };
}

function isAction(word: string): word is StackAction {
  return actions.includes(word);
}

function isCluster(word: string): word is ClusterChoice {
  return clusters.includes(word);
}

import type { Extra } from "./extras.ts";

/**
 * What the sandbox is told by the project whose stacks it runs. It knows nothing of their settings and outputs by
 * itself.
 */
export interface Project {
  /**
   * The project's own stacks. The first is meant where none is named; of several that are up, a shell is for the first.
   */
  readonly stacks: readonly [string, ...string[]];
  /** Settings of every stack of the sandbox, by full name; what the stack's tracked file says wins over them. */
  readonly settings: (machine: Machine) => Readonly<Record<string, unknown>>;
  /** Settings that a person would make by hand before the first run, in the order in which they are made. */
  readonly firstSettings: (stack: string, config: StackConfig) => Promise<readonly FirstSetting[]>;
  /** What a stack needs of the sandbox besides the cluster. */
  readonly extras: (config: StackConfig) => readonly Extra[];
  /** Where a stack's Vault is reached, by the stack's outputs; undefined when they tell of none. */
  readonly vault: (outputs: unknown) => VaultAddress | undefined;
}

/** A stack's settings by full name; one that is not there has its default. */
export type StackConfig = Readonly<Record<string, unknown>>;

/** What settings may have to say about the sandbox. */
export interface Machine {
  /** Address under which its node serves node ports. */
  readonly nodeAddress: string;
  /** Folder of the secrets operator's chart, which needs no chart repository. */
  readonly operatorChart: string;
}

/** A setting to make. */
export interface FirstSetting {
  /** Flags and name, as `pulumi config set` takes them. */
  readonly words: readonly string[];
  /** Handed over by standard input. */
  readonly value: string;
}

/** Where a Vault is reached. */
export interface VaultAddress {
  /** Where clients reach it. */
  readonly address: string;
  /** Where workloads reach it; its certificate is for that name, too. */
  readonly internalAddress: string;
  /** PEM bundle of its authorities; empty when it speaks plain HTTP. */
  readonly caCertificate: string;
}

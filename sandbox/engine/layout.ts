import { join } from "node:path";

/** Files of the sandbox's own Pulumi engine; all below the sandbox's state folder. */
export interface EngineLayout {
  /** The checkout whose program, language host and stand-in plugins are used. */
  readonly project: string;
  /** `PULUMI_HOME`: plugins, selected stacks, credentials of the local backend. */
  readonly home: string;
  /** First on PATH: the engine, its language host, the pinned Node and the sandbox's tools. */
  readonly bin: string;
  /** State of the stacks, one folder as a local backend. */
  readonly backend: string;
  /** Passphrase of the stacks' secrets: random, only readable by its owner. */
  readonly passphraseFile: string;
  /** Settings of the sandbox's stacks, beside a copy of Pulumi.yaml so that the engine takes it for a project. */
  readonly stacks: string;
}

/**
 * The engine's files of one sandbox.
 *
 * @param project Folder of Pulumi.yaml.
 * @param state State folder of the sandbox.
 */
export function engineLayout(project: string, state: string): EngineLayout {
  const home = join(state, "pulumi");
  return {
    project,
    home,
    bin: join(home, "bin"),
    backend: join(state, "backend"),
    passphraseFile: join(state, "passphrase"),
    stacks: join(state, "stacks"),
  };
}

/** Where the settings of a sandbox's stack are; the tracked `Pulumi.<stack>.yaml` is only read. */
export function stackSettingsFile(layout: EngineLayout, stack: string): string {
  return join(layout.stacks, `Pulumi.${stack}.yaml`);
}

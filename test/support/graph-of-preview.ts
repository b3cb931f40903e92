import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { VaultReach } from "../../components/vault/reach/vault-reach.ts";
import type { Recording } from "../../graph/recorder.ts";

/** What a small program is to be recorded under. */
export interface PreviewScenario {
  readonly program: "probe" | "customResource" | "bootstrap";
  readonly preview: boolean;
  /** Outputs of every dynamic resource beyond its inputs. @default - none */
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly image?: string;
  readonly reach?: Partial<VaultReach>;
  readonly comparesWithoutVault?: boolean;
  /** Environment of the program. @default - none */
  readonly env?: Readonly<Record<string, string>>;
}

/** What the program asks for, and what it said meanwhile. */
export async function graphOfPreview(scenario: PreviewScenario): Promise<Recording & { readonly log: string }> {
  const env = { PATH: process.env["PATH"], NODE_COMPILE_CACHE: "node_modules/.cache/compiled", ...scenario.env };
  const arguments_ = ["test/support/preview-graph.ts", JSON.stringify(scenario)];
  const { stdout } = await promisify(execFile)(process.execPath, arguments_, { env, maxBuffer: 16 * 1024 * 1024 });
  const start = stdout.lastIndexOf('{"resources":');
  return { ...(JSON.parse(stdout.slice(start)) as Recording), log: stdout.slice(0, start) };
}

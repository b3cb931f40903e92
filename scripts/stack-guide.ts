import { z } from "zod";
import type { StackCommand } from "./stack-command.ts";

/** Outputs of a stack a person can look at; a stack need not have them all. */
const sights = z.object({
  demo: z.object({ webAppUrl: z.string() }).optional().catch(undefined),
  vaultAddress: z.string().optional().catch(undefined),
});

/**
 * What a person sees after `up`: where to look and how to go on.
 *
 * @param outputs The stack's outputs as `pulumi stack output --json` gives them, secrets masked.
 */
export function stackGuide({ stack, cluster }: StackCommand, outputs: Readonly<Record<string, unknown>>): string {
  const { demo, vaultAddress } = sights.parse(outputs);
  const lines = [
    ...(demo === undefined ? [] : [["web app", demo.webAppUrl] as const]),
    ...(vaultAddress === undefined ? [] : [["Vault", vaultAddress] as const]),
  ];
  const onward: readonly (readonly [string, string])[] =
    cluster === "sandbox"
      ? [
          ["shell", `eval "$(npm run -s sandbox -- env${stack === "dev" ? "" : ` --stack ${stack}`})"`],
          ["remove", `npm run destroy -- ${stack}; npm run sandbox -- down`],
        ]
      : [["remove", `npm run destroy -- ${stack} --cluster current`]];
  const all = [...lines, ...onward];
  const width = Math.max(...all.map(([label]) => label.length));
  return [`stack ${stack} is up`, ...all.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`)].join("\n");
}

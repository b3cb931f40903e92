import { z } from "zod";
import type { DemoArgs } from "../../demo/demo.ts";
import { images } from "../../shared/versions.ts";
import { image, namespace } from "./setting-rules.ts";

const port = { error: "must be 0 or a node port from 30000 to 32767; use 0 for none" };

/** Schema of the setting `demo`. */
export const demoSetting = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("none") }),
    z.strictObject({
      kind: z.literal("sample").default("sample"),
      image: image().default(images.webApp),
      webAppNodePort: z
        .int(port)
        .refine((number) => number === 0 || (number >= 30_000 && number <= 32_767), port)
        .default(30_005),
      webAppNamespace: namespace().default("webapp"),
      appNamespace: namespace().default("app"),
      databaseAppNamespace: namespace().default("demo-ns"),
    }),
  ],
  { error: "must be {kind: none} or {kind: sample}; set vaultstack:demo.kind" },
);

/** The demonstration that a stack carries. */
export type DemoConfig =
  | { readonly kind: "none" }
  | ({ readonly kind: "sample" } & Pick<
      DemoArgs,
      "image" | "webAppNodePort" | "webAppNamespace" | "appNamespace" | "databaseAppNamespace"
    >);

/**
 * Puts the setting into the terms of the demonstration.
 * @param setting The setting, parsed.
 * @returns The demonstration.
 */
export function demoConfig(setting: z.infer<typeof demoSetting>): DemoConfig {
  if (setting.kind === "none") return setting;
  const { webAppNodePort, ...rest } = setting;
  return { ...rest, webAppNodePort: webAppNodePort === 0 ? undefined : webAppNodePort };
}

import { z } from "zod";
import type { DemoArgs } from "../../demo/demo.ts";
import { deliveredSecret } from "../../demo/delivered-secret.ts";
import { deliveredKeyFaults } from "../../components/delivery/custom-resources/destination.ts";
import { fault } from "../../shared/errors.ts";
import { images } from "../../shared/versions.ts";
import type { deliverySettings } from "./delivery.ts";
import type { serverSettings } from "./server.ts";
import { image, namespace, nodePort } from "./setting-rules.ts";
import { type Parsed, project, setting } from "./setting.ts";
import type { storeSettings } from "./store.ts";

/** The demonstration that a stack carries. */
export const demoSettings = {
  demo: setting(
    z.discriminatedUnion(
      "kind",
      [
        z.strictObject({ kind: z.literal("none") }),
        z.strictObject({
          // Parts set by `pulumi config set --path` make an object of their own that is not merged with the default.
          kind: z.literal("sample").default("sample"),
          image: image().default(images.webApp),
          webAppNodePort: nodePort().default(30_005),
          webAppNamespace: namespace().default("webapp"),
          appNamespace: namespace().default("app"),
          databaseAppNamespace: namespace().default("demo-ns"),
        }),
      ],
      { error: "must be {kind: none} or {kind: sample}; set vaultstack:demo.kind" },
    ),
    {
      default: { kind: "sample" },
      description:
        "The demonstration that the stack carries. {kind: sample} is a web application that reads its secret of the mount `secret` and is shown at the port webAppNodePort of every node, 0 for none; a second workload identity; and with an operator applications that log in to the database. Each is in a namespace of its own, which the stack makes, and runs the image, made from apps/web-app. {kind: none} leaves all of it out, and a stack without it needs public images alone.",
      examples: [{ kind: "none" }, { kind: "sample", webAppNodePort: 0 }],
    },
  ),
};

type DemoSettings = Parsed<typeof demoSettings>;

/** The demonstration in its own terms. */
export type DemoConfig =
  | { readonly kind: "none" }
  | ({ readonly kind: "sample" } & Pick<
      DemoArgs,
      "image" | "webAppNodePort" | "webAppNamespace" | "appNamespace" | "databaseAppNamespace"
    >);

type Around = DemoSettings & Parsed<typeof serverSettings & typeof storeSettings & typeof deliverySettings>;

/** Every fault of the setting beside others. */
export function demoFaults({ demo, nodePort: vaultPort, kvSeeds, secretsOperator }: Partial<Around>): string[] {
  if (demo?.kind !== "sample") return [];
  const at = `${project}:demo.webAppNodePort`;
  const isShared = demo.webAppNodePort !== 0 && demo.webAppNodePort === vaultPort;
  // What an operator delivers becomes a Kubernetes Secret, which accepts fewer keys than Vault.
  const isDelivered = secretsOperator === "install" || secretsOperator === "existing";
  const keys = Object.keys((isDelivered ? kvSeeds?.[deliveredSecret.name] : undefined) ?? {});
  return [
    ...(isShared ? [fault(at, "must differ from nodePort", vaultPort, "choose another port or 0")] : []),
    ...deliveredKeyFaults(`${project}:kvSeeds.${deliveredSecret.name}`, keys, deliveredSecret.transformation),
  ];
}

/** Converts the setting to the form the demonstration takes. */
export function demoConfig({ demo }: DemoSettings): DemoConfig {
  if (demo.kind === "none") return demo;
  return { ...demo, webAppNodePort: demo.webAppNodePort === 0 ? undefined : demo.webAppNodePort };
}

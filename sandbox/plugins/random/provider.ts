import type { Provider, ResourceType } from "../shared/provider.ts";
import { randomBytesOf } from "./random-bytes.ts";
import { randomPassword } from "./random-password.ts";

/** Stand-in of the official random provider: values drawn once, which live in the state alone. */
export function randomProvider(): Provider {
  const types: Readonly<Record<string, ResourceType>> = {
    // Stacks of earlier commits have one, which goes in their next run.
    "random:index/randomBytes:RandomBytes": randomBytesOf,
    "random:index/randomPassword:RandomPassword": randomPassword,
  };
  return {
    name: "random",
    version: "4.21.2",
    config: { properties: {}, configure: () => undefined },
    resourceType: (token) => types[token],
  };
}

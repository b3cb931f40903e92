import { PluginError } from "../shared/errors.ts";
import type { Provider } from "../shared/provider.ts";
import { chartComponent, chartToken } from "./chart/chart.ts";
import { objectType } from "./object-type.ts";
import { parseTypeToken } from "./object/type-token.ts";
import { Session } from "./session.ts";
import { parseSettings, settingChanges, settingRules } from "./settings.ts";

/** The stand-in of the `kubernetes` plugin: objects of every kind and charts; no releases, manifests, patches or functions. */
export function kubernetesProvider(environment: NodeJS.ProcessEnv): Provider {
  let session: Session | undefined;
  const configured = (): Session => {
    if (session === undefined)
      throw new PluginError("kubernetes: the provider must be configured first, got an operation");
    return session;
  };
  return {
    name: "kubernetes",
    version: "4.34.2",
    config: {
      properties: settingRules,
      diff: (olds, news) => settingChanges(olds, news, environment),
      configure: (config) => {
        session = new Session(parseSettings(config, environment), environment);
      },
    },
    resourceType: (token) => {
      const kind = parseTypeToken(token);
      return kind === undefined ? undefined : objectType(kind, configured);
    },
    componentType: (token) => (token === chartToken ? chartComponent(configured) : undefined),
    close: () => {
      session?.close();
    },
  };
}

import type { JsonObject } from "../../shared/property.ts";
import { at, listAt, textAt } from "../object/fields.ts";
import { groupOf } from "../object/type-token.ts";
import type { ApiClient } from "./api-client.ts";
import { isNotFound, UnknownKindError } from "./api-error.ts";
import { isBuiltInNamespaced } from "./cluster-scoped.ts";

/** Where the API serves a kind. */
export interface ServedKind {
  /** Plural name in URLs. */
  readonly plural: string;
  readonly namespaced: boolean;
}

/** What a chart may ask of a cluster. */
export interface Capabilities {
  /** Version of Kubernetes: `v1.34.4`. */
  readonly version: string;
  /** Versions of groups and their kinds: `apps/v1`, `apps/v1/Deployment`. */
  readonly apiVersions: readonly string[];
}

/** What kinds a cluster serves, asked once per version of a group. */
export class Discovery {
  readonly #api: ApiClient;
  readonly #versions = new Map<string, Promise<Readonly<Record<string, ServedKind>>>>();
  readonly #planned = new Map<string, boolean>();

  constructor(api: ApiClient) {
    this.#api = api;
  }

  /**
   * Where a kind is served.
   * @throws UnknownKindError when the cluster does not have it (yet)
   */
  async served(apiVersion: string, kind: string): Promise<ServedKind> {
    const found = (await this.#kinds(apiVersion))[kind];
    if (found !== undefined) return found;
    // A definition may have been created since the last answer.
    this.#versions.delete(apiVersion);
    throw new UnknownKindError(apiVersion, kind);
  }

  /** Whether a kind is namespaced, as far as it can be known; kinds nobody knows yet count as namespaced. */
  async isNamespaced(apiVersion: string, kind: string): Promise<boolean> {
    const group = groupOf(apiVersion);
    const known = isBuiltInNamespaced(group, kind) ?? this.#planned.get(`${group}/${kind}`);
    if (known !== undefined) return known;
    try {
      return (await this.served(apiVersion, kind)).namespaced;
    } catch (error) {
      if (error instanceof UnknownKindError) return true;
      throw error;
    }
  }

  /** Remembers the scope of a kind whose definition the program is about to create. */
  plan(definition: JsonObject): void {
    const kind = `${textAt(definition, "spec", "group")}/${textAt(definition, "spec", "names", "kind")}`;
    this.#planned.set(kind, textAt(definition, "spec", "scope") !== "Cluster");
  }

  /** Version and kinds of the cluster, asked anew each time. */
  async capabilities(): Promise<Capabilities> {
    const [server, groups] = await Promise.all([
      this.#api.request({ method: "GET", path: "/version" }),
      this.#api.request({ method: "GET", path: "/apis" }),
    ]);
    const versions = listAt(groups, "groups").flatMap((group) => listAt(group, "versions"));
    const names = ["v1", ...versions.map((version) => textAt(version, "groupVersion"))];
    const kinds = await Promise.all(
      names.map(async (name) => [name, ...Object.keys(await this.#ask(name)).map((kind) => `${name}/${kind}`)]),
    );
    return { version: textAt(server, "gitVersion"), apiVersions: kinds.flat() };
  }

  #kinds(apiVersion: string): Promise<Readonly<Record<string, ServedKind>>> {
    const known = this.#versions.get(apiVersion);
    if (known !== undefined) return known;
    const asked = this.#ask(apiVersion);
    this.#versions.set(apiVersion, asked);
    asked.catch(() => this.#versions.delete(apiVersion));
    return asked;
  }

  async #ask(apiVersion: string): Promise<Readonly<Record<string, ServedKind>>> {
    try {
      const list = await this.#api.request({ method: "GET", path: versionPath(apiVersion) });
      return Object.fromEntries(listAt(list, "resources").flatMap(servedKind));
    } catch (error) {
      if (isNotFound(error)) return {};
      throw error;
    }
  }
}

/** URL path of a version of a group. */
export function versionPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function servedKind(resource: Parameters<typeof at>[0]): [string, ServedKind][] {
  const plural = textAt(resource, "name");
  // `pods/status` and the like are parts of objects.
  if (plural.includes("/")) return [];
  return [[textAt(resource, "kind"), { plural, namespaced: at(resource, "namespaced") === true }]];
}

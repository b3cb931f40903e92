import type * as grpc from "@grpc/grpc-js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import { callOfficial, forwardingServer } from "./forwarding.ts";
import type { OfficialPlugin } from "./official-plugin.ts";

/** Starts the official plugin with these variables and no other ones of the two settings. */
export type Start = (variables: Readonly<Record<string, string>>) => Promise<OfficialPlugin>;

/** The variable by which the module knows the setting `enablePatchForce`. */
const patchForceVariable = "PULUMI_K8S_ENABLE_PATCH_FORCE";

/**
 * The official Kubernetes plugin with two settings of its release that the module it is built from does not know yet:
 * `enablePatchForce`, which the module takes from its environment only, and `upsertExistingObjects`, without which an
 * object that exists must not be created again. Without the second two stacks would take each other's objects.
 *
 * Every other call is handed on as it is. Unlike with the release, an object that somebody makes between the look and
 * the creation is taken over.
 */
export class ReleaseSettings {
  readonly server: grpc.Server;
  readonly #start: Start;
  #plugin: OfficialPlugin;
  #handshake: Buffer | undefined;
  #takesOver = false;

  private constructor(start: Start, plugin: OfficialPlugin) {
    this.#start = start;
    this.#plugin = plugin;
    this.server = forwardingServer(() => this.#plugin, {
      handshake: async (request, handOn) => {
        const answer = await handOn(request);
        // Not every version knows the call; only what was taken once is said again to the next process.
        this.#handshake = request;
        return answer;
      },
      configure: async (request, handOn) => {
        await this.#take(pb.ConfigureRequest.deserializeBinary(request));
        return handOn(request);
      },
      create: async (request, handOn) => {
        await this.#refuseExisting(pb.CreateRequest.deserializeBinary(request));
        return handOn(request);
      },
    });
  }

  /** Starts the official plugin and stands before it. */
  static async before(start: Start): Promise<ReleaseSettings> {
    return new ReleaseSettings(start, await start({}));
  }

  /** Ends the official plugin. */
  end(): void {
    this.#plugin.end();
  }

  async #take(request: pb.ConfigureRequest): Promise<void> {
    const setting = (name: string): boolean => request.getVariablesMap().get(`kubernetes:config:${name}`) === "true";
    this.#takesOver = setting("upsertExistingObjects");
    if (!setting("enablePatchForce")) return;
    const earlier = this.#plugin;
    this.#plugin = await this.#start({ [patchForceVariable]: "true" });
    earlier.end();
    if (this.#handshake !== undefined) await callOfficial(this.#plugin, "handshake", this.#handshake);
  }

  async #refuseExisting(request: pb.CreateRequest): Promise<void> {
    const id = idOf(request);
    if (this.#takesOver || request.getPreview() || id === undefined) return;
    const look = new pb.ReadRequest().setId(id).setUrn(request.getUrn()).setType(request.getType());
    // What cannot be looked at cannot be created either, which is then the better message.
    const found = await callOfficial(this.#plugin, "read", Buffer.from(look.serializeBinary())).catch(() => undefined);
    if (found === undefined || pb.ReadResponse.deserializeBinary(found).getId() === "") return;
    throw new Error(
      `resource "${request.getUrn()}" was not successfully created by the Kubernetes API server: "${id}" already exists`,
    );
  }
}

/** The id under which an object will be in the state; undefined for what is no object of its own. */
function idOf(request: pb.CreateRequest): string | undefined {
  const type = request.getUrn().split("::")[2]?.split("$").at(-1) ?? "";
  if (type.endsWith("Patch") || type === "kubernetes:helm.sh/v3:Release") return undefined;
  const metadata = request.getProperties()?.getFieldsMap().get("metadata")?.getStructValue()?.getFieldsMap();
  const name = metadata?.get("name")?.getStringValue() ?? "";
  const namespace = metadata?.get("namespace")?.getStringValue() ?? "";
  if (name === "") return undefined;
  return namespace === "" ? name : `${namespace}/${name}`;
}

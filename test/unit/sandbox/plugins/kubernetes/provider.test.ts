import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { omit, textAt } from "../../../../../sandbox/plugins/kubernetes/object/fields.ts";
import { kubernetesProvider } from "../../../../../sandbox/plugins/kubernetes/provider.ts";
import { Secret, unknown, type JsonObject, type PropertyMap } from "../../../../../sandbox/plugins/shared/property.ts";
import { failure, ObjectServer } from "../../../../support/object-server.ts";
import { InitFailed, PluginClient } from "../../../../support/plugin-client.ts";

// Proves the plugin's side of both protocols over real sockets. Does not prove what a real API server makes of the
// requests, nor that the engine calls the plugin this way.

const configMap = "kubernetes:core/v1:ConfigMap";
const secret = "kubernetes:core/v1:Secret";
const deployment = "kubernetes:apps/v1:Deployment";
const service = "kubernetes:core/v1:Service";

let server: ObjectServer;
let plugin: PluginClient;

beforeEach(async () => {
  server = await ObjectServer.start();
  plugin = await configured();
});

afterEach(async () => {
  plugin.close();
  await server.close();
});

async function configured(settings: PropertyMap = {}, environment: NodeJS.ProcessEnv = {}): Promise<PluginClient> {
  const client = await PluginClient.serve(kubernetesProvider(environment));
  await client.configure({ kubeconfig: server.kubeconfig, ...settings });
  return client;
}

const app = (extra: JsonObject = {}): JsonObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "app", namespace: "default" },
  data: { a: "1" },
  ...extra,
});

const web = (annotations: JsonObject = {}): JsonObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "default", annotations },
  spec: { replicas: 1, selector: { matchLabels: { app: "web" } } },
});

const rolledOut = (object: JsonObject): JsonObject => ({
  ...object,
  metadata: { ...(object["metadata"] as JsonObject), generation: 1 },
  status: {
    observedGeneration: 1,
    replicas: 1,
    updatedReplicas: 1,
    availableReplicas: 1,
    conditions: [{ type: "Available", status: "True" }],
  },
});

describe("check", () => {
  it("names an object after its resource, marks the name as generated, and places it", async () => {
    const { inputs, faults } = await plugin.check(configMap, { apiVersion: "v1", kind: "ConfigMap", data: { a: "1" } });
    expect(faults).toEqual([]);
    expect(inputs["metadata"]).toEqual({
      name: expect.stringMatching(/^subject-[0-9a-f]{8}$/) as string,
      namespace: "default",
      annotations: { "pulumi.com/autonamed": "true" },
    });
  });

  it("gives objects outside namespaces no namespace, without asking the cluster", async () => {
    const { inputs } = await plugin.check("kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "reader", namespace: "left-over" },
    });
    expect(inputs["metadata"]).toEqual({ name: "reader" });
    expect(server.requests).toEqual([]);
  });

  it("takes the namespace of the provider for objects that name none", async () => {
    plugin.close();
    plugin = await configured({ namespace: "team" });
    const { inputs } = await plugin.check(configMap, { metadata: { name: "app" } });
    expect(inputs["metadata"]).toEqual({ name: "app", namespace: "team" });
  });

  it("marks the contents of Secrets secret even when the program did not", async () => {
    const { inputs } = await plugin.check(secret, { metadata: { name: "s" }, stringData: { p: "pw" } });
    expect(inputs["stringData"]).toEqual(new Secret({ p: "pw" }));
  });

  it("leaves out nulls and what only the server may set", async () => {
    const { inputs } = await plugin.check(configMap, {
      metadata: { name: "app", namespace: "default", labels: null, resourceVersion: "7", uid: "u" },
      data: { a: "1", b: null },
    });
    expect(inputs).toEqual(app());
  });

  it.each([
    ["another kind than the type's", { kind: "Secret" }, /^kind: must be ConfigMap/],
    [
      "a name the server is to generate",
      { metadata: { generateName: "x-" } },
      /^metadata.generateName: must not be given/,
    ],
    [
      "a steering annotation that is not covered",
      { metadata: { annotations: { "pulumi.com/replaceUnready": "true" } } },
      /replaceUnready/,
    ],
    [
      "a condition that cannot be parsed",
      { metadata: { annotations: { "pulumi.com/waitFor": "Ready" } } },
      /must begin with "condition="/,
    ],
  ])("rejects %s", async (_case, inputs, fault) => {
    const { faults } = await plugin.check(configMap, inputs);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(fault);
  });

  it.each([
    "kubernetes:helm.sh/v3:Release",
    "kubernetes:core/v1:ConfigMapPatch",
    "kubernetes:core/v1:ConfigMapList",
    "kubernetes:yaml:ConfigFile",
  ])("rejects %s as not covered", async (type) => {
    await expect(plugin.check(type, {})).rejects.toThrow("must be a type the stand-in of the kubernetes plugin covers");
  });
});

describe("create", () => {
  it("creates strictly, as the official plugin's manager, and keeps the live object", async () => {
    const { id, outputs } = await plugin.create(configMap, app());
    expect(id).toBe("default/app");
    const created = server.requests.find(({ method }) => method === "POST");
    expect(created?.path).toBe("/api/v1/namespaces/default/configmaps");
    expect(created?.query).toEqual({ fieldManager: "pulumi-kubernetes", fieldValidation: "Strict" });
    expect(outputs["metadata"]).toMatchObject({ name: "app", resourceVersion: "1" });
    expect(outputs["__fieldManager"]).toMatch(/^pulumi-kubernetes-[0-9a-f]{8}$/);
  });

  it("rejects an object that exists already and leaves it alone", async () => {
    server.objects.set("/api/v1/namespaces/default/configmaps/app", app({ data: { a: "theirs" } }));
    await expect(plugin.create(configMap, app())).rejects.toThrow("AlreadyExists");
    expect(server.objects.get("/api/v1/namespaces/default/configmaps/app")?.["data"]).toEqual({ a: "theirs" });
    expect(server.paths("PATCH")).toEqual([]);
  });

  it("waits for a namespace that comes in the same run", async () => {
    const creating = plugin.create(configMap, app({ metadata: { name: "app", namespace: "late" } }));
    await until(() => server.paths("POST").length > 0);
    await plugin.create("kubernetes:core/v1:Namespace", {
      ...{ apiVersion: "v1", kind: "Namespace" },
      metadata: { name: "late", annotations: { "pulumi.com/skipAwait": "true" } },
    });
    expect((await creating).id).toBe("late/app");
  });

  it("waits for the definition of a custom resource that comes in the same run", async () => {
    const thing = {
      apiVersion: "example.com/v1",
      kind: "Thing",
      metadata: { name: "t", namespace: "default" },
      spec: { size: 1 },
    };
    const creating = plugin.create("kubernetes:example.com/v1:Thing", thing);
    await until(() => server.paths("GET").includes("/apis/example.com/v1"));
    server.define("Thing", "/apis/example.com/v1", "things");
    expect((await creating).id).toBe("default/t");
  });

  it("sends the text of a Secret encoded and keeps both secret in the state", async () => {
    const inputs = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s", namespace: "default" },
      stringData: { p: "pw-1234" },
    };
    const checked = await plugin.check(secret, inputs);
    const { outputs } = await plugin.create(secret, checked.inputs);
    expect(server.requests.find(({ method }) => method === "POST")?.body).toMatchObject({
      data: { p: "cHctMTIzNA==" },
    });
    expect(outputs["data"]).toBeInstanceOf(Secret);
    expect(outputs["stringData"]).toBeInstanceOf(Secret);
    expect(outputs["__inputs"]).toMatchObject({ kind: "Secret", stringData: new Secret({ p: "pw-1234" }) });
  });

  it("keeps the values of secrets out of errors", async () => {
    server.intercept = ({ method }) =>
      method === "POST" ? failure(422, "Invalid", "data.p: Invalid value: pw-1234") : undefined;
    const inputs = {
      metadata: { name: "app", namespace: "default" },
      ...{ apiVersion: "v1", kind: "ConfigMap" },
      data: { p: new Secret("pw-1234") },
    };
    const error: unknown = await plugin.create(configMap, inputs).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain("Invalid value");
    expect(String(error)).not.toContain("pw-1234");
  });

  it("returns once a Deployment has rolled out", async () => {
    const creating = plugin.create(deployment, web());
    await until(() => server.paths("GET").some((path) => path.endsWith("/deployments/web")));
    server.change("/apis/apps/v1/namespaces/default/deployments/web", rolledOut);
    expect((await creating).outputs["status"]).toMatchObject({ availableReplicas: 1 });
  });

  it("does not wait with skipAwait", async () => {
    await plugin.create(deployment, web({ "pulumi.com/skipAwait": "true" }));
    expect(server.paths("GET").filter((path) => path.endsWith("/deployments/web"))).toEqual([]);
  });

  it("keeps the object of a failed rollout in the state, with the reasons of its pods and events", async () => {
    server.objects.set("/api/v1/namespaces/default/pods/web-1", {
      metadata: { name: "web-1" },
      status: {
        containerStatuses: [
          { name: "web", state: { waiting: { reason: "ImagePullBackOff", message: "no such image" } } },
        ],
      },
    });
    server.objects.set("/api/v1/namespaces/default/events/e", {
      ...{ metadata: { name: "e" }, reason: "FailedMount", message: "no such volume", count: 3 },
      involvedObject: { kind: "Pod", name: "web-1" },
    });
    const error: unknown = await plugin
      .create(deployment, web({ "pulumi.com/timeoutSeconds": "1" }))
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InitFailed);
    const { id, outputs, reasons } = error as InitFailed;
    expect(id).toBe("default/web");
    expect(outputs["spec"]).toMatchObject({ replicas: 1 });
    expect(reasons[0]).toBe("'web' timed out waiting to be Ready");
    expect(reasons).toContain("[Pod web-1] [ImagePullBackOff] container web: no such image");
    expect(reasons).toContain("[FailedMount] Pod web-1: no such volume (3 times)");
  });

  it("goes on waiting while the API server is away for a moment", async () => {
    const creating = plugin.create(deployment, web());
    await until(() => server.paths("GET").some((path) => path.endsWith("/deployments/web")));
    server.change("/apis/apps/v1/namespaces/default/deployments/web", rolledOut);
    let refusals = 3;
    server.intercept = () => (refusals-- > 0 ? failure(503, "ServiceUnavailable", "restarting") : undefined);
    expect((await creating).id).toBe("default/web");
  });

  it("does not send a create again whose outcome nobody knows", async () => {
    server.intercept = ({ method }) => (method === "POST" ? failure(504, "Timeout", "timed out") : undefined);
    await expect(plugin.create(configMap, app())).rejects.toThrow("timed out");
    expect(server.paths("POST")).toHaveLength(1);
  });

  it("ends the waiting when the operation is cancelled, and keeps the object in the state", async () => {
    const creating = plugin.create(deployment, web()).catch((thrown: unknown) => thrown);
    await until(() => server.paths("GET").some((path) => path.endsWith("/deployments/web")));
    await plugin.cancel();
    const error = await creating;
    expect(error).toBeInstanceOf(InitFailed);
    expect((error as InitFailed).reasons[0]).toBe("Resource operation was cancelled for 'web'");
  });

  it("returns once the condition of waitFor holds, whatever the kind", async () => {
    const waiting = app({
      metadata: {
        name: "app",
        namespace: "default",
        annotations: { "pulumi.com/waitFor": "jsonpath={.data.ready}=yes" },
      },
    });
    const creating = plugin.create(configMap, waiting);
    await until(() => server.paths("GET").some((path) => path.endsWith("/configmaps/app")));
    server.change("/api/v1/namespaces/default/configmaps/app", (object) => ({ ...object, data: { ready: "yes" } }));
    expect((await creating).outputs["data"]).toEqual({ ready: "yes" });
  });

  it("returns at once for headless Services and waits for the endpoints of others", async () => {
    const spec = { selector: { app: "web" }, ports: [{ port: 80 }] };
    const named = (name: string, more: JsonObject = {}): JsonObject => ({
      ...{ apiVersion: "v1", kind: "Service", metadata: { name, namespace: "default" }, spec: { ...spec, ...more } },
    });
    await plugin.create(service, named("headless", { clusterIP: "None" }));
    server.objects.set("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/web-x", {
      endpoints: [{ conditions: { ready: false } }],
    });
    const creating = plugin.create(service, named("web"));
    await until(() => server.paths("GET").filter((path) => path.endsWith("/endpointslices")).length > 1);
    server.objects.set("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/web-x", {
      endpoints: [{ conditions: { ready: true } }],
    });
    expect((await creating).id).toBe("default/web");
  });
});

describe("preview", () => {
  it("asks the server what it would make, without the status, and stores nothing", async () => {
    server.onStored = (_path, object) => ({ ...object, status: {}, immutable: false });
    const { outputs } = await plugin.create(configMap, app(), { preview: true });
    expect(outputs).toMatchObject({ immutable: false });
    expect(outputs).not.toHaveProperty("status");
    expect(server.objects.size).toBe(0);
  });

  it("fails on what the server would refuse", async () => {
    server.intercept = ({ method }) =>
      method === "POST" ? failure(400, "BadRequest", 'strict decoding error: unknown field "dataa"') : undefined;
    await expect(plugin.create(configMap, app({ dataa: {} }), { preview: true })).rejects.toThrow(
      "strict decoding error",
    );
  });

  it.each([
    ["the namespace does not exist yet", app({ metadata: { name: "app", namespace: "later" } })],
    ["the kind does not exist yet", app({ kind: "Thing", apiVersion: "example.com/v1" })],
    ["a part is unknown", { ...app(), data: { a: unknown } }],
  ] as [string, PropertyMap][])("shows the inputs when %s", async (_case, inputs) => {
    const type = inputs["kind"] === "Thing" ? "kubernetes:example.com/v1:Thing" : configMap;
    const { outputs } = await plugin.create(type, inputs, { preview: true });
    expect(outputs).toEqual(inputs);
  });

  it("shows the inputs when the object to be replaced still has the name", async () => {
    await plugin.create(configMap, app());
    expect((await plugin.create(configMap, app({ data: { a: "2" } }), { preview: true })).outputs).toEqual(
      app({ data: { a: "2" } }),
    );
  });

  it("shows the inputs when the cluster cannot be reached", async () => {
    const lonely = await PluginClient.serve(kubernetesProvider({ KUBECONFIG: "/nonexistent/kubeconfig" }));
    await lonely.configure({});
    expect((await lonely.create(configMap, app(), { preview: true })).outputs).toEqual(app());
    await expect(lonely.create(configMap, app())).rejects.toThrow(
      "kubeconfig: must be a kubeconfig or the path of one",
    );
    lonely.close();
  });
});

describe("update", () => {
  it("hands the created fields to the resource's own manager once, then applies as it", async () => {
    const { id, outputs } = await plugin.create(configMap, app());
    const manager = outputs["__fieldManager"] as string;
    const second = await plugin.update(configMap, id, app(), app({ data: { a: "2" } }), { oldOutputs: outputs });
    await plugin.update(configMap, id, app({ data: { a: "2" } }), app({ data: { a: "3" } }), { oldOutputs: second });
    const patches = server.requests.filter(({ method }) => method === "PATCH");
    expect(patches.map(({ contentType }) => contentType)).toEqual([
      "application/json-patch+json",
      "application/apply-patch+yaml",
      "application/apply-patch+yaml",
    ]);
    expect(patches[1]?.query).toEqual({ fieldManager: manager, fieldValidation: "Strict", force: "false" });
    expect(server.objects.get("/api/v1/namespaces/default/configmaps/app")?.["data"]).toEqual({ a: "3" });
  });

  it("names the other manager and the annotation when fields are not the program's", async () => {
    const { id, outputs } = await plugin.create(configMap, app());
    server.intercept = ({ contentType }) =>
      contentType.includes("apply")
        ? failure(409, "Conflict", "Apply failed", {
            causes: [{ reason: "FieldManagerConflict", message: 'conflict with "autoscaler"', field: ".data.a" }],
          })
        : undefined;
    await expect(plugin.update(configMap, id, app(), app(), { oldOutputs: outputs })).rejects.toThrow(
      /\.data\.a \(conflict with "autoscaler"\).*pulumi\.com\/patchForce/,
    );
  });

  it("takes the fields with patchForce", async () => {
    const { id, outputs } = await plugin.create(configMap, app());
    const forced = app({
      metadata: { name: "app", namespace: "default", annotations: { "pulumi.com/patchForce": "true" } },
    });
    await plugin.update(configMap, id, app(), forced, { oldOutputs: outputs });
    expect(server.requests.at(-1)?.query["force"]).toBe("true");
  });

  it("replaces a definition of custom resources as a whole, also when its controller changes it meanwhile", async () => {
    const type = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition";
    server.define("CustomResourceDefinition", "/apis/apiextensions.k8s.io/v1", "customresourcedefinitions");
    const crd = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "things.example.com", namespace: "default" },
      spec: { scope: "Namespaced" },
    };
    const { outputs } = await plugin.create(type, crd);
    let conflicts = 1;
    server.intercept = ({ method }) =>
      method === "PUT" && conflicts-- > 0 ? failure(409, "Conflict", "the object has been modified") : undefined;
    await plugin.update(type, "default/things.example.com", crd, crd, { oldOutputs: outputs });
    const puts = server.requests.filter(({ method }) => method === "PUT");
    expect(puts.map(({ body }) => textAt(body, "metadata", "resourceVersion"))).toEqual(["1", "1"]);
  });

  it("rejects an object that is gone and says how to have it back", async () => {
    await expect(plugin.update(configMap, "default/app", app(), app())).rejects.toThrow("run again with --refresh");
  });

  it("changes nothing in a preview", async () => {
    const { id, outputs } = await plugin.create(configMap, app());
    await plugin.update(configMap, id, app(), app({ data: { a: "2" } }), { oldOutputs: outputs, preview: true });
    expect(server.requests.filter(({ method }) => method === "PATCH").map(({ query }) => query["dryRun"])).toEqual([
      "All",
    ]);
    expect(server.objects.get("/api/v1/namespaces/default/configmaps/app")?.["data"]).toEqual({ a: "1" });
  });
});

describe("read", () => {
  it("reports an object that is gone", async () => {
    expect(await plugin.read(configMap, "default/app", app(), app())).toBeUndefined();
  });

  it("takes over what drifted and nothing the program never declared", async () => {
    const { id, outputs } = await plugin.create(configMap, app());
    server.change("/api/v1/namespaces/default/configmaps/app", (object) => ({
      ...object,
      data: { a: "drift", theirs: "x" },
      immutable: false,
    }));
    const live = await plugin.read(configMap, id, app(), outputs);
    expect(live?.inputs).toEqual(app({ data: { a: "drift" } }));
    expect(live?.outputs["data"]).toEqual({ a: "drift", theirs: "x" });
  });

  it("keeps an empty map the server never stored", async () => {
    server.onStored = (_path, object) => omit(object, ["data"]);
    const { id, outputs } = await plugin.create(configMap, app({ data: {} }));
    expect((await plugin.read(configMap, id, app({ data: {} }), outputs))?.inputs).toEqual(app({ data: {} }));
  });

  it("sees that the text of a Secret drifted, and keeps it secret", async () => {
    const inputs = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s", namespace: "default" },
      stringData: { p: "pw-1234" },
    };
    const { id, outputs } = await plugin.create(secret, inputs);
    expect((await plugin.read(secret, id, inputs, outputs))?.inputs["stringData"]).toEqual(
      new Secret({ p: "pw-1234" }),
    );
    server.change("/api/v1/namespaces/default/secrets/s", (object) => ({ ...object, data: { p: "ZHJpZnQ=" } }));
    expect((await plugin.read(secret, id, inputs, outputs))?.inputs["stringData"]).toEqual(new Secret({ p: "drift" }));
  });

  it("takes the whole object as inputs on import, without what only the server sets", async () => {
    await plugin.create(configMap, app());
    expect((await plugin.read(configMap, "default/app"))?.inputs).toEqual(app());
  });

  it("reports a workload that is not ready as such, with its state", async () => {
    const inputs = web({ "pulumi.com/skipAwait": "false" });
    const { outputs } = await plugin.create(deployment, web({ "pulumi.com/skipAwait": "true" }));
    const error: unknown = await plugin
      .read(deployment, "default/web", inputs, outputs)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InitFailed);
    expect((error as InitFailed).id).toBe("default/web");
  });

  it("fails when the cluster cannot be reached, or forgets the object when told to", async () => {
    await server.close();
    await expect(plugin.read(configMap, "default/app", app(), app())).rejects.toThrow(
      "must be that of a cluster that can be reached",
    );
    const forgetful = await configured({}, { PULUMI_K8S_DELETE_UNREACHABLE: "true" });
    expect(await forgetful.read(configMap, "default/app", app(), app())).toBeUndefined();
    await forgetful.delete(configMap, "default/app", app());
    forgetful.close();
    server = await ObjectServer.start();
  });
});

describe("delete", () => {
  it("deletes dependents first and returns when the object is gone", async () => {
    const { id, outputs } = await plugin.create(configMap, app());
    await plugin.delete(configMap, id, outputs, app());
    expect(server.requests.find(({ method }) => method === "DELETE")?.body).toMatchObject({
      propagationPolicy: "Foreground",
    });
    expect(server.objects.size).toBe(0);
  });

  it("succeeds when the object, or its whole kind, is gone already", async () => {
    await plugin.delete(configMap, "default/app", app());
    await plugin.delete("kubernetes:example.com/v1:Thing", "default/t", {});
    expect(server.paths("DELETE")).toEqual([]);
  });

  it("waits while finalizers hold the object, and names them when it takes too long", async () => {
    const inputs = app({
      metadata: {
        name: "app",
        namespace: "default",
        annotations: { "pulumi.com/timeoutSeconds": "1" },
        finalizers: ["example.com/keep"],
      },
    });
    const { id, outputs } = await plugin.create(configMap, inputs);
    server.intercept = ({ method }) => (method === "DELETE" ? { code: 200, body: {} } : undefined);
    await expect(plugin.delete(configMap, id, outputs, inputs)).rejects.toThrow(
      /timed out waiting to be deleted[^]*example\.com\/keep/,
    );
  });

  it("takes another object under the same name for the end of the first", async () => {
    const { id, outputs } = await plugin.create(configMap, app());
    server.intercept = ({ method, path }) => {
      if (method !== "DELETE") return undefined;
      server.change(path, (object) => ({
        ...object,
        metadata: { ...(object["metadata"] as JsonObject), uid: "another" },
      }));
      return { code: 200, body: {} };
    };
    await plugin.delete(configMap, id, outputs, app());
    expect(server.objects.size).toBe(1);
  });
});

describe("settings", () => {
  it("rejects settings that are not covered, and client-side apply", async () => {
    expect((await plugin.checkConfig({ renderYamlToDirectory: "out" })).join()).toContain(
      "must be a property this stand-in plugin covers",
    );
    expect((await plugin.checkConfig({ enableServerSideApply: "false" })).join()).toContain("must be true, got false");
  });

  it("rejects functions", async () => {
    await expect(plugin.invoke("kubernetes:yaml:decode")).rejects.toThrow("function kubernetes:yaml:decode");
  });

  it("replaces a ConfigMap by default and updates it where it may be changed", async () => {
    const changed = await plugin.diff(configMap, "default/app", app(), app({ data: { a: "2" } }));
    expect(changed).toMatchObject({
      replaces: ["data"],
      deleteBeforeReplace: true,
      details: { "data.a": "UPDATE_REPLACE" },
    });
    const mutable = await configured({ enableConfigMapMutable: "true" });
    expect((await mutable.diff(configMap, "default/app", app(), app({ data: { a: "2" } }))).replaces).toEqual([]);
    mutable.close();
  });
});

async function until(holds: () => boolean): Promise<void> {
  await expect.poll(holds, { timeout: 5000, interval: 10 }).toBe(true);
}

import * as grpc from "@grpc/grpc-js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import providerRpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import resourceRpc from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import resources from "@pulumi/pulumi/proto/resource_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import { afterEach, describe, expect, it } from "vitest";
import type { ComponentType } from "../../../../../sandbox/plugins/shared/component-type.ts";
import { Secret, unknown, type PropertyMap } from "../../../../../sandbox/plugins/shared/property.ts";
import { decodeProperties, encodeProperties } from "../../../../../sandbox/plugins/shared/property-codec.ts";
import { servePlugin } from "../../../../../sandbox/plugins/shared/serve.ts";

// Proves the frame over real gRPC connections. That the engine calls it this way is shown by the live tests of the operator.

const closers: (() => void)[] = [];
afterEach(() => {
  closers.splice(0).forEach((close) => {
    close();
  });
});

/** A component of two members, the second of which comes after the first. */
const pair: ComponentType = {
  inputs: { label: { type: "string", required: true } },
  construct: async ({ label }, { name, register }) => {
    const member = { type: "shelf:index/box:Box", retainOnDelete: false };
    const inputs: PropertyMap = { label: label ?? null, code: new Secret("a-secret-code") };
    const first = await register({ ...member, name: `${name}:first`, inputs, dependencies: [] });
    const second = await register({
      ...member,
      name: `${name}:second`,
      inputs: {},
      dependencies: [first.urn],
      retainOnDelete: true,
    });
    return { resources: [first, second] };
  },
};

interface Engine {
  readonly address: string;
  readonly registered: resources.RegisterResourceRequest[];
  readonly finished: string[];
}

/** An engine that answers registrations; one of a failing name did not succeed. */
async function engine(failing = ""): Promise<Engine> {
  const registered: resources.RegisterResourceRequest[] = [];
  const finished: string[] = [];
  const server = new grpc.Server();
  const { SUCCESS, FAIL } = resources.Result;
  const calls = {
    registerResource: (
      { request }: { request: resources.RegisterResourceRequest },
      answer: grpc.sendUnaryData<resources.RegisterResourceResponse>,
    ) => {
      registered.push(request);
      const response = new resources.RegisterResourceResponse().setUrn(`urn:${request.getName()}`).setId("1");
      answer(null, response.setResult(request.getName() === failing ? FAIL : SUCCESS));
    },
    registerResourceOutputs: (
      { request }: { request: resources.RegisterResourceOutputsRequest },
      answer: grpc.sendUnaryData<emptyMessages.Empty>,
    ) => {
      finished.push(request.getUrn());
      answer(null, new emptyMessages.Empty());
    },
  };
  server.addService(resourceRpc.ResourceMonitorService, calls);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  closers.push(() => {
    server.forceShutdown();
  });
  return { address: `127.0.0.1:${port}`, registered, finished };
}

async function construct(
  { address }: Engine,
  inputs: PropertyMap,
  change: (request: pb.ConstructRequest) => void = () => undefined,
): Promise<pb.ConstructResponse> {
  const { port, close } = await servePlugin(
    {
      name: "shelf",
      version: "1.0.0",
      config: { properties: {}, configure: () => undefined },
      resourceType: () => undefined,
      componentType: (token) => (token === "shelf:index:Pair" ? pair : undefined),
    },
    undefined,
  );
  const client = new providerRpc.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  closers.push(() => {
    client.close();
    close();
  });
  const request = new pb.ConstructRequest()
    .setType("shelf:index:Pair")
    .setName("pair")
    .setMonitorendpoint(address)
    .setInputs(encodeProperties(inputs));
  request.getProvidersMap().set("shelf", "urn:provider::id");
  change(request);
  return new Promise((resolve, reject) => {
    client.construct(request, (error, response) => {
      if (error === null) resolve(response);
      else reject(error);
    });
  });
}

describe("a component of a plugin", () => {
  it("declares itself and its members, each below it, by its provider, after what it depends on", async () => {
    const shelf = await engine();
    const response = await construct(shelf, { label: "blue" });
    const summary = shelf.registered.map((request) => ({
      name: request.getName(),
      parent: request.getParent(),
      custom: request.getCustom(),
      provider: request.getProvider(),
      after: request.getDependenciesList(),
      stays: request.getRetainondelete() === true,
    }));
    const member = { parent: "urn:pair", custom: true, provider: "urn:provider::id" };
    expect(summary).toEqual([
      { name: "pair", parent: "", custom: false, provider: "", after: [], stays: false },
      { name: "pair:first", ...member, after: [], stays: false },
      { name: "pair:second", ...member, after: ["urn:pair:first"], stays: true },
    ]);
    expect(decodeProperties(shelf.registered[1]?.getObject())).toEqual({
      label: "blue",
      code: new Secret("a-secret-code"),
    });
    expect(shelf.finished).toEqual(["urn:pair"]);
    expect(response.getUrn()).toBe("urn:pair");
    const references = response.getState()?.toJavaScript()["resources"] as { urn: string }[];
    expect(references.map(({ urn }) => urn)).toEqual(["urn:pair:first", "urn:pair:second"]);
  });

  it("has no members in a preview that does not know its inputs", async () => {
    const shelf = await engine();
    await construct(shelf, { label: unknown });
    expect(shelf.registered.map((request) => request.getName())).toEqual(["pair"]);
  });

  it("fails when a member does, and declares no more", async () => {
    const shelf = await engine("pair:first");
    await expect(construct(shelf, { label: "blue" })).rejects.toThrow("pair:first: did not succeed");
    expect(shelf.registered).toHaveLength(2);
    expect(shelf.finished).toEqual([]);
  });

  it("is refused with inputs, options and types that are not covered, before anything is declared", async () => {
    const shelf = await engine();
    await expect(construct(shelf, { color: "red" })).rejects.toThrow(
      /color: must be a property[^]*label: must be given/,
    );
    await expect(
      construct(shelf, { label: "x" }, (request) => request.setIgnorechangesList(["label"])),
    ).rejects.toThrow("ignoreChanges: must not be given to a component of a stand-in plugin");
    await expect(construct(shelf, {}, (request) => request.setType("shelf:index:Row"))).rejects.toThrow(
      "shelf:index:Row: must be a component the stand-in of the shelf plugin covers",
    );
    expect(shelf.registered).toEqual([]);
  });
});

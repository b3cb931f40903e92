import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { childOptions, componentOptions } from "../../../../components/shared/child-options.ts";
import { record, type Recording } from "../../../../graph/recorder.ts";

class Leaf extends pulumi.CustomResource {
  constructor(name: string, opts: pulumi.CustomResourceOptions) {
    super("test:index:Leaf", name, {}, opts);
  }
}

class Branch extends pulumi.ComponentResource {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("test:index:Branch", name, {}, componentOptions(opts));
    new Leaf(`${name}-leaf`, childOptions(this, opts));
  }
}

const leafOf = (recording: Recording, name: string) => recording.resources.find((resource) => resource.name === name);

test("a child goes with what its parent goes with and comes after what its parent comes after", async () => {
  const recording = await record(() => {
    const ground = new Leaf("ground", {});
    const first = new Leaf("first", {});
    new Branch("branch", { deletedWith: ground, dependsOn: [first] });
  });
  expect(leafOf(recording, "branch-leaf")).toMatchObject({
    parent: "branch",
    deletedWith: "ground",
    dependencies: ["first"],
  });
});

test("a parent itself depends on nothing, so that it is refreshed although what it depends on is gone", async () => {
  const recording = await record(() => {
    const ground = new Leaf("ground", {});
    new Branch("branch", { deletedWith: ground, dependsOn: [ground] });
  });
  expect(leafOf(recording, "branch")).toMatchObject({ deletedWith: "", dependencies: [] });
});

test("a child of a parent without such options has none", async () => {
  const recording = await record(() => new Branch("branch"));
  expect(leafOf(recording, "branch-leaf")).toMatchObject({ parent: "branch", deletedWith: "", dependencies: [] });
});

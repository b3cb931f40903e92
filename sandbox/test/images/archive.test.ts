import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { extract } from "tar-stream";
import { Readable } from "node:stream";
import { beforeAll, expect, test } from "vitest";
import { imageArchive } from "../../images/archive.ts";
import type { ImageFile } from "../../images/image-files.ts";
import type { ImageRecipe } from "../../images/recipes.ts";

/** Any file does as a program. */
const binary = import.meta.filename;

const recipe: ImageRecipe = {
  name: "docker.io/example/app:1",
  source: { kind: "tool", tool: "web-app" },
  binary: "/bin/app",
  account: { name: "app", uid: 65532, gid: 65532 },
  folders: ["/app/data"],
  certificates: false,
};

const files: readonly ImageFile[] = [
  { path: "/bin/app", source: binary },
  { path: "/lib/libapp.so", link: "libapp.so.1" },
];

let archive: Map<string, Entry>;
let layer: Map<string, Entry>;

beforeAll(async () => {
  archive = await entries(await imageArchive(recipe, files));
  layer = await entries(Readable.from([blob(manifest().layers[0]!.digest)]));
});

test("containerd finds the image under its full name", () => {
  expect(json("index.json")).toMatchObject({
    manifests: [{ annotations: { "io.containerd.image.name": "docker.io/example/app:1" } }],
  });
});

test("every blob is what its digest says", () => {
  const blobs = [...archive.keys()].filter((name) => name.startsWith("blobs/"));
  expect(blobs).toHaveLength(3);
  for (const name of blobs) {
    expect(createHash("sha256").update(archive.get(name)!.content).digest("hex")).toBe(path.basename(name));
  }
});

test("the program runs as a number, so that the kubelet can tell it is not root", () => {
  expect(JSON.parse(blob(manifest().config.digest).toString())).toMatchObject({
    config: { User: "65532:65532", Entrypoint: ["/bin/app"] },
  });
});

test("the layer holds the files as they are, links as links, and the account's folders", () => {
  expect(layer.get("bin/app")).toMatchObject({ mode: 0o644, uid: 0 });
  expect(layer.get("lib/libapp.so")?.link).toBe("libapp.so.1");
  expect(layer.get("bin/app")?.content.toString()).toBe(readFileSync(binary, "utf8"));
  expect(layer.get("app/data/")).toMatchObject({ uid: 65532, gid: 65532 });
  expect(layer.get("tmp/")?.mode).toBe(0o1777);
  expect(layer.get("etc/passwd")?.content.toString()).toContain("app:x:65532:65532:");
});

test("the same parts make the same image", async () => {
  const again = await entries(await imageArchive(recipe, files));
  expect([...again.keys()]).toEqual([...archive.keys()]);
});

interface Entry {
  readonly mode: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly link: string | null | undefined;
  readonly content: Buffer;
}

async function entries(stream: Readable): Promise<Map<string, Entry>> {
  const found = new Map<string, Entry>();
  const extraction = extract();
  stream.pipe(extraction);
  for await (const entry of extraction) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
    const { name, mode, uid, gid, linkname: link } = entry.header;
    found.set(name, { mode, uid, gid, link, content: Buffer.concat(chunks) });
  }
  return found;
}

function manifest(): { layers: { digest: string }[]; config: { digest: string } } {
  const { manifests } = json("index.json") as { manifests: { digest: string }[] };
  return JSON.parse(blob(manifests[0]!.digest).toString()) as ReturnType<typeof manifest>;
}

function json(name: string): unknown {
  return JSON.parse(archive.get(name)!.content.toString());
}

function blob(digest: string): Buffer {
  return archive.get(`blobs/${digest.replace(":", "/")}`)!.content;
}

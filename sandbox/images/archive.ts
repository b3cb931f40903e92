import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pack, type Header, type Pack } from "tar-stream";
import type { ImageFile } from "./image-files.ts";
import { machineAuthorities, type ImageRecipe } from "./recipes.ts";

/** Every file has the same time, so that the same parts make the same image. */
const epoch = new Date(0);

interface Blob {
  readonly digest: string;
  readonly size: number;
}

/**
 * Makes an image as a stream in the format that `docker save` and `ctr images import` share with the OCI specification.
 * Nothing is written to disk: the layer is read twice, once for its digest.
 * @param files Its program and what that needs.
 * @returns A tar stream with the image layout.
 */
export async function imageArchive(recipe: ImageRecipe, files: readonly ImageFile[]): Promise<Readable> {
  const layer = await digestOf(layerArchive(recipe, files));
  const config = jsonBlob(imageConfig(recipe, layer));
  const manifest = jsonBlob({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: config.digest, size: config.size },
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar", ...layer }],
  });
  const index = {
    schemaVersion: 2,
    manifests: [
      {
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        digest: manifest.digest,
        size: manifest.size,
        annotations: { "io.containerd.image.name": recipe.name },
      },
    ],
  };
  const archive = pack();
  void fill(archive, async () => {
    await addText(archive, "oci-layout", JSON.stringify({ imageLayoutVersion: "1.0.0" }));
    await addText(archive, "index.json", JSON.stringify(index));
    await addText(archive, blobPath(manifest), manifest.text);
    await addText(archive, blobPath(config), config.text);
    const entry = archive.entry({ name: blobPath(layer), size: layer.size, mtime: epoch });
    await pipeline(layerArchive(recipe, files), entry);
  });
  return Readable.from(archive, { objectMode: false });
}

function imageConfig({ account, binary, stopSignal }: ImageRecipe, layer: Blob): object {
  return {
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    created: epoch.toISOString(),
    config: {
      // Numbers, because the kubelet cannot tell from a name that it is not root.
      User: `${account.uid}:${account.gid}`,
      Env: [`PATH=${[...new Set([path.dirname(binary), "/usr/local/bin", "/usr/bin", "/bin"])].join(":")}`],
      Entrypoint: [binary],
      WorkingDir: "/",
      ...(stopSignal !== undefined && { StopSignal: stopSignal }),
    },
    rootfs: { type: "layers", diff_ids: [layer.digest] },
    history: [{ created: epoch.toISOString(), created_by: "vaultstack sandbox" }],
  };
}

function layerArchive(recipe: ImageRecipe, files: readonly ImageFile[]): Readable {
  const archive = pack();
  const { account } = recipe;
  const authorities = recipe.certificates ? machineAuthorities() : undefined;
  void fill(archive, async () => {
    const parents = files.map((file) => path.dirname(file.path));
    for (const folder of withParents(["/etc", "/tmp", ...parents, ...recipe.folders])) {
      const owned = recipe.folders.includes(folder) ? { uid: account.uid, gid: account.gid } : {};
      await add(archive, {
        name: `${folder.slice(1)}/`,
        type: "directory",
        mode: folder === "/tmp" ? 0o1777 : 0o755,
        ...owned,
      });
    }
    const users = `root:x:0:0:root:/root:/sbin/nologin\n${account.name}:x:${account.uid}:${account.gid}::/:/sbin/nologin\n`;
    await addText(archive, "etc/passwd", users);
    await addText(archive, "etc/group", `root:x:0:\n${account.name}:x:${account.gid}:\n`);
    if (authorities !== undefined) {
      for (const folder of ["etc/ssl/", "etc/ssl/certs/"]) {
        await add(archive, { name: folder, type: "directory", mode: 0o755 });
      }
      await addText(archive, "etc/ssl/certs/ca-certificates.crt", await readFile(authorities, "utf8"));
    }
    for (const file of files) await addFile(archive, file);
  });
  return Readable.from(archive, { objectMode: false });
}

/** Whoever reads the archive gets the error of whoever fills it. */
async function fill(archive: Pack, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    archive.finalize();
  } catch (error) {
    archive.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

function add(archive: Pack, header: Partial<Header> & { readonly name: string }, text?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry({ ...header, mtime: epoch }, text ?? "", (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

async function addFile(archive: Pack, file: ImageFile): Promise<void> {
  const name = file.path.slice(1);
  if ("link" in file) {
    await add(archive, { name, type: "symlink", linkname: file.link });
    return;
  }
  const { size, mode } = await stat(file.source);
  const entry = archive.entry({ name, size, mode: (mode & 0o111) === 0 ? 0o644 : 0o755, mtime: epoch });
  await pipeline(createReadStream(file.source, { highWaterMark: 1024 * 1024 }), entry);
}

function addText(archive: Pack, name: string, text: string): Promise<void> {
  return add(archive, { name, mode: 0o644 }, text);
}

function withParents(folders: readonly string[]): string[] {
  const all = folders.flatMap((folder) => {
    const names = folder.split("/").filter(Boolean);
    return names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`);
  });
  return [...new Set(all)];
}

function jsonBlob(value: object): Blob & { readonly text: string } {
  const text = JSON.stringify(value);
  const digest = `sha256:${createHash("sha256").update(text).digest("hex")}`;
  return { digest, size: Buffer.byteLength(text), text };
}

async function digestOf(stream: Readable): Promise<Blob> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { digest: `sha256:${hash.digest("hex")}`, size };
}

function blobPath({ digest }: Blob): string {
  return `blobs/${digest.replace(":", "/")}`;
}

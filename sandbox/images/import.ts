import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { containerdRoot, containerdSocket } from "../cluster/containerd.ts";
import { run } from "../command.ts";
import { step } from "../progress.ts";
import { imageArchive } from "./archive.ts";
import { imageFiles, type ImageFile } from "./image-files.ts";
import { machineAuthorities, recipes, type ImageRecipe } from "./recipes.ts";
import type { ToolName } from "../toolchain/tools.ts";

/** The namespace in which the kubelet's containerd plugin looks. */
const ctr = ["ctr", "--address", containerdSocket, "--namespace", "k8s.io"] as const;

/** What was imported is noted beside the images themselves, so the notes go when they go. */
const noteDirectory = path.join(containerdRoot, "vaultstack-images");

/**
 * Makes every image and gives it to containerd; those that are there from the same parts are left alone.
 * @param binary Finds the binary of a tool.
 */
export async function ensureImages(binary: (tool: ToolName) => string): Promise<void> {
  // One after the other: the work is copying, and the first one, pause, is what every pod waits for.
  for (const recipe of recipes) await ensureImage(recipe, binary);
}

/**
 * Makes one image and gives it to containerd, unless it is there from the same parts.
 * @param binary Finds the binary of a tool.
 */
export async function ensureImage(recipe: ImageRecipe, binary: (tool: ToolName) => string): Promise<void> {
  const files = await imageFiles(recipe, binary);
  const note = path.join(noteDirectory, recipeKey(recipe, files));
  const present = await run([...ctr, "images", "list", "--quiet", `name==${recipe.name}`]);
  if (present.trim() === recipe.name && existsSync(note)) return;
  await step(`image ${recipe.name}`, () => importImage(recipe, files));
  mkdirSync(noteDirectory, { recursive: true });
  writeFileSync(note, recipe.name);
}

async function importImage(recipe: ImageRecipe, files: readonly ImageFile[]): Promise<void> {
  await run([...ctr, "images", "import", "-"], { input: await imageArchive(recipe, files) });
}

/** The folder of a tool already is a key of all it was built from; the rest is told apart by its size. */
function recipeKey(recipe: ImageRecipe, files: readonly ImageFile[]): string {
  const authorities = recipe.certificates ? machineAuthorities() : undefined;
  const sizes = files.map((file) => ("link" in file ? 0 : statSync(file.source).size));
  const hash = createHash("sha256").update(JSON.stringify([recipe, files, sizes]));
  if (authorities !== undefined) hash.update(readFileSync(authorities));
  return hash.digest("hex");
}

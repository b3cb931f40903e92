import path from "node:path";
import type { ToolName } from "../toolchain/tools.ts";
import { wheelBinary } from "../toolchain/wheels.ts";
import { linkedLibraries } from "./linked-libraries.ts";
import { postgresFiles } from "./postgres-files.ts";
import type { ImageRecipe } from "./recipes.ts";
import { slapdFiles } from "./slapd-files.ts";

/** One file of an image. */
export type ImageFile =
  | {
      /** Absolute path in the image. */
      readonly path: string;
      /** Path of the file on this machine; it keeps whether it can be executed. */
      readonly source: string;
    }
  | {
      readonly path: string;
      /** What it is a symbolic link to. */
      readonly link: string;
    };

/**
 * Finds what an image consists of.
 * @param binary Finds the binary of a tool.
 * @returns Its program and everything that needs.
 */
export async function imageFiles(recipe: ImageRecipe, binary: (tool: ToolName) => string): Promise<ImageFile[]> {
  switch (recipe.source.kind) {
    case "tool":
      return [
        { path: recipe.binary, source: binary(recipe.source.tool) },
        ...(await machineFiles(recipe.beside ?? [])),
      ];
    case "postgres":
      return postgresFiles(path.resolve(recipe.binary, "../.."));
    case "slapd":
      return slapdFiles();
    case "wheel": {
      const program = wheelBinary(recipe.source.wheel);
      const libraries = await linkedLibraries([program], []);
      return [{ path: recipe.binary, source: program }, ...libraries.map((file) => ({ path: file, source: file }))];
    }
  }
}

/** Programs of this machine with the libraries they are linked to, by the paths they have here. */
async function machineFiles(programs: readonly string[]): Promise<ImageFile[]> {
  if (programs.length === 0) return [];
  const libraries = await linkedLibraries(programs, []);
  return [...programs, ...libraries].map((file) => ({ path: file, source: file }));
}

import type { PolicyRule } from "../policy-document.ts";
import type { DeclaredCredential, DeclaredLogin } from "./access-matrix.ts";

/** A resource as a program declares it: its type and its inputs. */
export interface DeclaredResource {
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What one resource adds to the matrix. */
interface Contribution {
  readonly logins?: readonly DeclaredLogin[];
  readonly policies?: Readonly<Record<string, readonly PolicyRule[]>>;
  readonly credentials?: readonly DeclaredCredential[];
}

/**
 * Derives what a resource adds from its inputs, and where needed from all other resources. Throws when it does not
 * understand them.
 */
export type AccessReader = (inputs: DeclaredResource["inputs"], all: readonly DeclaredResource[]) => Contribution;

/**
 * The terms of a role that issues something: all its settings except those that the matrix shows in its own way.
 * @returns A line for each, sorted.
 */
export function termsOf(inputs: DeclaredResource["inputs"]): string[] {
  return Object.entries(inputs)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
    .sort();
}

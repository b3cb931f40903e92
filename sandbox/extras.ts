/** What the sandbox has only for stacks that need it, since it takes minutes to build. */
export type Extra = "gateway";

/** Every extra, as `up --with` names them. */
export const extras: readonly Extra[] = ["gateway"];

/**
 * Tells which of several things belong to the sandbox as it is wanted.
 * @param things Each says of which extra it is a part, or is always there.
 * @returns What is always there and the parts of those extras, in their order.
 */
export function partsOf<Thing extends { readonly extra?: Extra }>(
  wanted: readonly Extra[],
  things: readonly Thing[],
): Thing[] {
  return things.filter(({ extra }) => extra === undefined || wanted.includes(extra));
}

/** References of images as registries define them (github.com/distribution/reference). */

const domain = String.raw`(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?`;
const component = String.raw`[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`;
const digest = String.raw`sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}`;
const reference = new RegExp(
  `^((?:${domain}/)?${component}(?:/${component})*)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(${digest}))?$`,
);

/**
 * An image that stays the same: with a digest, or with a tag that is not by its name a moving one.
 * @returns True for a reference with a tag other than `latest` or a digest.
 */
export function isPinnedImage(image: string): boolean {
  const { name = "", tag, hash } = partsOfImage(image) ?? {};
  if (name === "" || name.length > 255) return false;
  return hash !== undefined || (tag !== undefined && tag !== "latest");
}

/**
 * The parts of a reference.
 * @returns Its name with the registry, its tag and its digest; null for anything that is not a reference.
 */
export function partsOfImage(
  image: string,
): { name: string; tag: string | undefined; hash: string | undefined } | null {
  const [, name, tag, hash] = reference.exec(image) ?? [];
  return name === undefined ? null : { name, tag, hash };
}

import { fault } from "../../../shared/errors.ts";
import { partsOfImage } from "../../../shared/image-reference.ts";

const release = String.raw`[12]\.\d{1,2}\.\d{1,2}(?:-(?:alpha|beta|rc)\d*)?`;
const edition = String.raw`ent(?:\.hsm)?(?:\.fips\d+)?`;
const version = new RegExp(`^${release}(?:\\+${edition})?$`);
/** A tag cannot contain a plus sign, and may say what the image is based on. */
const versionTag = new RegExp(`^v?(${release})(?:-(${edition}))?(?:-ubi)?$`);

/** Images whose tags are set by the makers of Vault. */
const ownImages = /^(?:(?:docker\.io|registry-1\.docker\.io)\/)?hashicorp\/vault(?:-enterprise)?$/;

/**
 * A version as Vault itself reports it.
 * @returns True for 1.21.0, 1.21.0-rc1 or 1.21.0+ent.
 */
export function isVaultVersion(text: string): boolean {
  return version.test(text);
}

/**
 * The version of Vault that an image claims to hold. A tag with other numbers, such as those of a mirror's own builds,
 * does not count: a comparison with Vault would take them for Vault's.
 * @param image Reference of the image.
 * @returns The version in its tag, as Vault reports it; null for a tag that is not one, and for an image without a tag.
 * @returns The version in its tag, as Vault says it; null for a tag that is none, and for an image without one.
 */
export function versionOfImage(image: string): string | null {
  const [, number, kind] = versionTag.exec(partsOfImage(image)?.tag ?? "") ?? [];
  if (number === undefined) return null;
  return kind === undefined ? number : `${number}+${kind}`;
}

/**
 * Every fault of the version given for an image.
 * @param image Reference of the image.
 * @param said The version that it is said to hold.
 */
export function versionFaults(at: string, image: string, said: string): string[] {
  if (!isVaultVersion(said)) {
    return [fault(at, "must be a version as Vault says it of itself", said, "write it as 1.21.0, or as 1.21.0+ent")];
  }
  const tagged = versionOfImage(image);
  if (tagged === null || tagged === said || !ownImages.test(partsOfImage(image)?.name ?? "")) return [];
  return [fault(at, `must be ${tagged}, as the tag of ${image} says`, said, "leave it out")];
}

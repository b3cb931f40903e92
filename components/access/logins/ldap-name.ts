/**
 * Distinguished names as directories write them (RFC 4514), with the spaces around separators that Vault's parser
 * accepts.
 */

const attributeType = String.raw`(?:[A-Za-z][A-Za-z0-9-]*|(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))+)`;
const special = String.raw`\\(?:[ "#+,;<=>\\]|[0-9A-Fa-f]{2})`;
const plain = String.raw`[^\0-\x1f"+,;<>\\]`;
const text = String.raw`(?!#|\s*(?:[,+]|$))(?:${plain}|${special})+`;
const value = String.raw`(?:#(?:[0-9A-Fa-f]{2})+|${text})`;
const pair = String.raw`${attributeType}\s*=\s*${value}`;
const relative = String.raw`${pair}(?:\s*\+\s*${pair})*`;
const distinguished = new RegExp(String.raw`^${relative}(?:\s*,\s*${relative})*$`);
const attribute = new RegExp(`^${attributeType}$`);

/**
 * A distinguished name of an entry.
 * @returns True for one with at least one part.
 */
export function isDistinguishedName(name: string): boolean {
  return distinguished.test(name);
}

/**
 * An attribute type, by its name or its OID.
 * @returns True for one such as `uid` or `0.9.2342.19200300.100.1.1`.
 */
export function isAttributeType(name: string): boolean {
  return attribute.test(name);
}

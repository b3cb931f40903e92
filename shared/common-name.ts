/**
 * The common name of a certificate. It may have 64 characters (RFC 5280, ub-common-name), fewer than many names of hosts; without
 * one clients read the names that the certificate is for, as they do anyway.
 * @returns The name as a part of a subject; no part for a longer one.
 */
export function commonNameOf(name: string): { readonly commonName?: string } {
  return name.length <= 64 ? { commonName: name } : {};
}

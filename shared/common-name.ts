/**
 * The common name of a certificate. It may have at most 64 characters (RFC 5280, ub-common-name), fewer than many host
 * names have; without one, clients read the names that the certificate is for, as they do anyway.
 * @returns The common name as part of a subject; empty for a longer name.
 */
export function commonNameOf(name: string): { readonly commonName?: string } {
  return name.length <= 64 ? { commonName: name } : {};
}

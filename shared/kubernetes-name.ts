/**
 * Names as Kubernetes itself takes them (apimachinery's `validation`), so that nothing is refused here that Kubernetes
 * accepts, or accepted that it refuses.
 */

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * A DNS label (RFC 1123), as namespaces, Services and consumers of this project are named.
 * @returns True for at most 63 lower-case letters, digits and inner dashes.
 */
export function isLabel(name: string): boolean {
  return name.length <= 63 && label.test(name);
}

/**
 * A DNS subdomain (RFC 1123), as most objects are named: Secrets, service accounts, classes.
 * @returns True for at most 253 characters of labels with dots between them.
 */
export function isSubdomain(name: string): boolean {
  return name.length <= 253 && subdomain.test(name);
}

/**
 * A key of a Secret or a ConfigMap, which is also the name of a file.
 * @returns True for at most 253 letters, digits, dots, dashes and underscores that cannot lead out of a folder.
 */
export function isDataKey(key: string): boolean {
  return key.length <= 253 && /^[-._a-zA-Z0-9]+$/.test(key) && key !== "." && !key.startsWith("..");
}

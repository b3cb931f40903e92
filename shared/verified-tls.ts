import type { SecureVersion } from "node:tls";

/** Whom a connection over TLS trusts; every field is for Node's own `tls.connect`. */
export interface Verification {
  /** PEM of the authorities. @default - those known to everybody */
  readonly ca?: string | Buffer | (string | Buffer)[] | undefined;
}

/**
 * Options for every connection of this project that verifies its server, which is all but those that compare
 * certificates and trust none. Written out, because Node takes what is left out from the environment of whoever runs
 * this: `NODE_TLS_REJECT_UNAUTHORIZED`, or `--tls-min-v1.0` in `NODE_OPTIONS`.
 * @param options Further options; none of them can undo the verification.
 */
export function verified<Options extends object>(
  options: Options,
): Options & { readonly rejectUnauthorized: true; readonly minVersion: SecureVersion } {
  return { ...options, rejectUnauthorized: true, minVersion: "TLSv1.2" };
}

import { fault, hidden } from "../../../shared/errors.ts";
import { parseUrl } from "../../../shared/host.ts";
import type { VaultAccess } from "./vault-reach.ts";

/**
 * Every fault of the way to Vault. With an address that does not begin with https://, a login would be sent unencrypted
 * to whoever answers there, long before anybody noticed that a Vault with TLS does not answer.
 * @param hasTls Whether Vault speaks TLS.
 */
export function accessFaults(at: string, access: VaultAccess, hasTls: boolean): string[] {
  if (access.kind === "tunnel") return [];
  const { url } = access;
  const parts = parseUrl(url);
  if (parts === null || !/^https?$/.test(parts.scheme) || parts.path !== "" || parts.query !== "") {
    // Not shown: it may contain credentials.
    const shown = url.includes("@") ? hidden : url;
    const rule = "must be http:// or https:// with a host and at most a port";
    return [fault(`${at}.url`, rule, shown, "leave out path, user and query")];
  }
  if (!hasTls || parts.scheme === "https") return [];
  return [fault(`${at}.url`, "must be https://, because Vault speaks TLS", url, "write https:// in front of the host")];
}

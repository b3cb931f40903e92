import { isIP } from "node:net";
import { fault } from "./errors.ts";

/**
 * Every fault of a list of networks that a client must come from.
 * @param cidrs The networks, such as `10.1.0.0/16` or `2001:db8::/48`.
 */
export function cidrFaults(at: string, cidrs: readonly string[]): string[] {
  return cidrs.flatMap((cidr, index) => {
    const path = `${at}[${index}]`;
    const [, address = "", bits = ""] = /^([0-9A-Fa-f.:]+)\/(\d{1,3})$/.exec(cidr) ?? [];
    const version = isIP(address);
    if (version === 0 || Number(bits) > (version === 4 ? 32 : 128)) {
      return [fault(path, "must be a network", cidr, "write it as 10.1.0.0/16, one address as 10.1.2.3/32")];
    }
    if (Number(bits) > 0) return [];
    return [fault(path, "must leave somebody out", cidr, "remove it for no bound")];
  });
}

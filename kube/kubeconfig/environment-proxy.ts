import { isIP, BlockList } from "node:net";
import { fault, hidden } from "../../shared/errors.ts";
import { bareHost } from "../../shared/host.ts";
import { proxySchemes } from "./kubeconfig-faults.ts";

/**
 * The proxy that the environment names for a server, by the rules that `kubectl` and the official plugins follow (those
 * of Go): `HTTPS_PROXY` or `HTTP_PROXY` by the server's scheme, unless `NO_PROXY` or the loopback address leaves it
 * out.
 * @returns The proxy; null for none.
 * @throws {Error} When the variable holds no URL of a proxy.
 */
export function environmentProxy(server: URL, env: NodeJS.ProcessEnv): URL | null {
  const name = server.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const value = eitherCase(env, name);
  if (value === "" || isLeftOut(server, eitherCase(env, "NO_PROXY"))) return null;
  const text = value.includes("://") ? value : `http://${value}`;
  if (URL.canParse(text) && proxySchemes.includes(new URL(text).protocol)) return new URL(text);
  // Not shown: it may hold a password.
  throw new Error(fault(name, "must be the URL of a proxy of http, https or socks5", hidden, "correct or unset it"));
}

function eitherCase(env: NodeJS.ProcessEnv, name: string): string {
  const upper = env[name] ?? "";
  return upper === "" ? (env[name.toLowerCase()] ?? "") : upper;
}

function isLeftOut(server: URL, listed: string): boolean {
  const host = bareHost(server.hostname).toLowerCase();
  if (host === "localhost" || isLoopback(host)) return true;
  const port = server.port === "" ? (server.protocol === "https:" ? "443" : "80") : server.port;
  return listed
    .split(",")
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== "")
    .some((entry) => entry === "*" || matches(entry, host, port));
}

function isLoopback(host: string): boolean {
  return inNetwork(host, "127.0.0.0/8") || host === "::1";
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry.includes("/")) return inNetwork(host, entry);
  const [, name = entry, wanted] = isIP(entry) === 0 ? (/^(.*?)(?::(\d+))?$/.exec(entry) ?? []) : [];
  if (wanted !== undefined && wanted !== port) return false;
  const plain = bareHost(name);
  if (isIP(plain) !== 0) return isIP(host) !== 0 && sameAddress(plain, host);
  // `.example.com` and `*.example.com` mean the names below it, `example.com` the name itself as well.
  const below = plain.replace(/^\*?\./, "");
  return host.endsWith(`.${below}`) || (below === plain && host === below);
}

function sameAddress(one: string, other: string): boolean {
  return isIP(one) === isIP(other) && inNetwork(other, `${one}/${isIP(one) === 4 ? 32 : 128}`);
}

function inNetwork(host: string, network: string): boolean {
  const [address = "", bits = ""] = network.split("/");
  const kind = isIP(address);
  if (kind === 0 || kind !== isIP(host) || !/^\d{1,3}$/.test(bits) || Number(bits) > (kind === 4 ? 32 : 128)) {
    return false;
  }
  const family = kind === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(address, Number(bits), family);
  return list.check(host, family);
}

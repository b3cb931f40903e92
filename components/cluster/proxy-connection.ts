import { request } from "node:http";
import { isIP, connect as netConnect, type Socket } from "node:net";
import { getCACertificates, connect as tlsConnect } from "node:tls";
import { verified, type Verification } from "../shared/verified-tls.ts";
import { shakeHandsBySocks } from "./socks-handshake.ts";

/** Whom a proxy is to connect to. */
export interface Destination {
  readonly host: string;
  readonly port: number;
}

/** As long as a request may stay without an answer. */
const connectMs = 15_000;

/**
 * Opens a connection through a proxy. What goes over it is the caller's: TLS to the server behind is not yet begun.
 * @param proxy A proxy of http, https or socks5; user and password in it are told to the proxy alone.
 * @param to Whom it is to connect to.
 * @param trust How an https proxy is verified: as `kubectl` does, by what the server behind it is verified by, and by the
 *   authorities that are known to everybody.
 * @returns The connection, with no data read yet.
 * @throws {Error} Naming the proxy without its password.
 */
export async function connectThrough(proxy: URL, to: Destination, trust: Verification): Promise<Socket> {
  const signal = AbortSignal.timeout(connectMs);
  try {
    return proxy.protocol.startsWith("socks5")
      ? await throughSocks(proxy, to, signal)
      : await throughHttp(proxy, to, trust, signal);
  } catch (error) {
    const reason = signal.aborted ? `no answer for ${connectMs / 1000} s` : reasonOf(error);
    throw new Error(`proxy ${proxy.host}: ${reason}`, { cause: error });
  }
}

async function throughSocks(proxy: URL, to: Destination, signal: AbortSignal): Promise<Socket> {
  const socket = netConnect({ host: hostOf(proxy), port: Number(proxy.port || 1080), signal });
  try {
    await shakeHandsBySocks(socket, to, loginOf(proxy));
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function throughHttp(proxy: URL, to: Destination, trust: Verification, signal: AbortSignal): Promise<Socket> {
  const destination = `${isIP(to.host) === 6 ? `[${to.host}]` : to.host}:${to.port}`;
  const login = loginOf(proxy);
  const encoded = Buffer.from(`${login?.username}:${login?.password}`).toString("base64");
  const host = hostOf(proxy);
  const secure = proxy.protocol === "https:";
  const at = { host, port: Number(proxy.port || (secure ? 443 : 80)) };
  const own = trust.ca === undefined ? [] : [trust.ca].flat();
  const servername = isIP(host) === 0 ? host : "";
  return new Promise((resolve, reject) => {
    const asked = request({
      method: "CONNECT",
      path: destination,
      headers: { Host: destination, ...(login === null ? {} : { "Proxy-Authorization": `Basic ${encoded}` }) },
      signal,
      createConnection: () =>
        secure
          ? tlsConnect({ ...at, servername, ...verified(trust), ca: [...getCACertificates("default"), ...own] })
          : netConnect(at),
    });
    asked.once("connect", ({ statusCode = 0 }, socket, head) => {
      if (statusCode !== 200) {
        socket.destroy();
        reject(new Error(`refused to connect to ${destination}: ${statusCode}`));
        return;
      }
      // A server speaks first in no protocol that is used here; if one does, nothing of it is lost.
      if (head.length > 0) socket.unshift(head);
      resolve(socket as Socket);
    });
    asked.once("error", reject);
    asked.end();
  });
}

function hostOf(proxy: URL): string {
  return proxy.hostname.replace(/^\[(.*)\]$/, "$1");
}

function loginOf({ username, password }: URL): { username: string; password: string } | null {
  if (username === "" && password === "") return null;
  return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown fault";
}

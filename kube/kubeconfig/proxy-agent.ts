import type { Agent, AgentOptions } from "node:http";
import type { Duplex } from "node:stream";
import { urlHost } from "../../shared/host.ts";
import { verified, type Verification } from "../../shared/verified-tls.ts";

type Connect = (
  options: AgentOptions & { readonly host?: string | null | undefined },
  done?: (error: Error | null, stream: Duplex) => void,
) => Duplex | null | undefined;

/**
 * Sends requests to an API server through its proxy, with the libraries that the official client uses for it. TLS is
 * with the server, so a proxy sees which server is asked and nothing else.
 * @param server Base URL of the API server.
 * @param proxy A proxy of http, https or socks5; user and password in it are told to the proxy alone.
 * @param trust How an https proxy is verified: as `kubectl` does it, in the same way as the server behind it.
 * @returns An agent for Node's clients; its idle connections do not keep a process alive.
 */
export async function proxyAgent(server: URL, proxy: URL, trust: Verification): Promise<Agent> {
  if (proxy.protocol.startsWith("socks5")) {
    const { SocksProxyAgent } = await import("socks-proxy-agent");
    // The proxy looks the name up, as with `kubectl`, because this machine may not know it.
    const remote = new URL(proxy.href.replace(/^socks5:/, "socks5h:"));
    return new SocksProxyAgent(remote, { keepAlive: true });
  }
  const { HttpProxyAgent, HttpsProxyAgent } = await import("hpagent");
  const { ca } = trust;
  const own = verified(ca === undefined ? {} : { ca: [ca].flat().map(String) });
  const options = { keepAlive: true, proxy, proxyRequestOptions: own };
  const agent = server.protocol === "https:" ? new HttpsProxyAgent(options) : new HttpProxyAgent(options);
  const create: Connect = agent.createConnection.bind(agent);
  // The library asks for an IPv6 address without the brackets that every proxy wants.
  const connect: Connect = ({ host, ...more }, done) => create({ ...more, host: host && urlHost(host) }, done);
  agent.createConnection = connect;
  return agent;
}

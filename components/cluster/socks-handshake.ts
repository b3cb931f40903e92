import { once } from "node:events";
import { isIP, type Socket } from "node:net";

const version = 5;
const noLogin = 0;
const byPassword = 2;
const connectCommand = 1;
const addressKinds = { ipv4: 1, name: 3, ipv6: 4 } as const;

/**
 * Asks a SOCKS5 proxy for a connection (RFC 1928, RFC 1929). The name of the server is looked up by the proxy, as `kubectl`
 * has it, because this machine may not know it.
 * @param socket A connection to the proxy; afterwards one to the server.
 * @param to The server.
 * @param login What the proxy may ask for; null for none.
 * @throws {Error} When the proxy refuses.
 */
export async function shakeHandsBySocks(
  socket: Socket,
  to: { readonly host: string; readonly port: number },
  login: { readonly username: string; readonly password: string } | null,
): Promise<void> {
  const read = reader(socket);
  const methods = login === null ? [noLogin] : [noLogin, byPassword];
  socket.write(Buffer.from([version, methods.length, ...methods]));
  const [spoken, method] = await read(2);
  if (spoken !== version) throw new Error("does not speak SOCKS5");
  if (method === byPassword && login !== null) {
    socket.write(Buffer.concat([Buffer.of(1), counted(login.username), counted(login.password)]));
    const [, refused] = await read(2);
    if (refused !== 0) throw new Error("does not accept its user and password");
  } else if (method !== noLogin) {
    throw new Error("wants another login than the URL has");
  }
  const port = Buffer.alloc(2);
  port.writeUInt16BE(to.port);
  socket.write(Buffer.concat([Buffer.of(version, connectCommand, 0), addressOf(to.host), port]));
  const [, refusal, , kind] = await read(4);
  if (refusal !== 0) throw new Error(`refused to connect to ${to.host}:${to.port}: SOCKS error ${refusal}`);
  // Which address it connects from is of no interest.
  const length = kind === addressKinds.ipv4 ? 4 : kind === addressKinds.ipv6 ? 16 : ((await read(1))[0] ?? 0);
  await read(length + 2);
}

function addressOf(host: string): Buffer {
  if (isIP(host) === 4) return Buffer.from([addressKinds.ipv4, ...host.split(".").map(Number)]);
  if (isIP(host) === 6) return Buffer.from([addressKinds.ipv6, ...ipv6Bytes(host)]);
  return Buffer.concat([Buffer.of(addressKinds.name), counted(host)]);
}

function ipv6Bytes(host: string): number[] {
  // As a URL has it, which writes out an IPv4 address at the end.
  const [head = "", tail = ""] = new URL(`http://[${host}]`).hostname.slice(1, -1).split("::");
  const groups = (part: string): number[] => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  const [before, after] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return [...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]);
}

function counted(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > 255) throw new Error("takes no name or password of more than 255 bytes");
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

/** Takes exactly so many bytes at a time: what comes after the handshake is the server's. */
function reader(socket: Socket): (count: number) => Promise<Buffer> {
  return async (count) => {
    for (;;) {
      const bytes = socket.read(count) as Buffer | null;
      if (bytes !== null && bytes.length === count) return bytes;
      if (bytes !== null || socket.readableEnded || socket.destroyed) throw new Error("closed the connection");
      await Promise.race([once(socket, "readable"), once(socket, "close")]);
    }
  };
}

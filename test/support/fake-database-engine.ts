import { randomUUID } from "node:crypto";
import type { Reply } from "./wire.ts";

/** What arrives at an engine inside a fake Vault. */
export interface EngineRequest {
  readonly method: string;
  /** Without `/v1/` and query. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly token: string;
}

/** A database engine at `demo-db` as far as Pulumi's dynamic resources speak to it; there is no database behind it. */
export class FakeDatabaseEngine {
  /** Leases that are open. */
  leases: string[] = [];
  /** The token by which each lease was issued: they end together. */
  readonly #tokens = new Map<string, string>();
  /** Leases that were given up without asking the database. */
  readonly forgotten: string[] = [];
  /** How often a login was issued. */
  issued = 0;
  /** What the database says instead of making a login. */
  refuseToIssue: string | null = null;
  /** What the database says instead of taking one away. */
  refuseToRevoke: string | null = null;
  /** Fields of connections by their names. */
  readonly connections = new Map<string, Readonly<Record<string, unknown>>>();

  /** Makes a login the way a workload would. */
  issue(role: string): string {
    const lease = `demo-db/creds/${role}/${randomUUID()}`;
    this.issued += 1;
    this.leases.push(lease);
    return lease;
  }

  /** The answer to a request, or null when it is none of its business. */
  answer({ method, path, body, token }: EngineRequest): Reply | null {
    if (path === "auth/token/revoke-self") this.endToken(token);
    const [, role] = /^demo-db\/creds\/([^/]+)$/.exec(path) ?? [];
    if (role !== undefined) return this.#issueRequest(role, token);
    const [, connection] = /^demo-db\/config\/([^/]+)$/.exec(path) ?? [];
    if (connection !== undefined && method === "GET") return this.#readConnection(connection);
    if (path === "sys/leases/revoke") return this.#revoke(({ lease }) => lease === body["lease_id"]);
    const [, action, prefix] = /^sys\/leases\/(revoke-prefix|revoke-force|lookup)\/(.+)$/.exec(path) ?? [];
    const covers = ({ lease }: { lease: string }): boolean => lease.startsWith(`${prefix ?? ""}/`);
    if (action === "revoke-prefix") return this.#revoke(covers);
    if (action === "revoke-force") {
      this.forgotten.push(...this.leases.filter((lease) => covers({ lease })));
      this.leases = this.leases.filter((lease) => !covers({ lease }));
      return { status: 204 };
    }
    if (action === undefined) return null;
    const keys = this.leases.filter((lease) => covers({ lease })).map((lease) => lease.split("/").at(-1));
    return { status: 200, body: { data: { keys } } };
  }

  /** Takes back what was issued by a token, as Vault does when it ends. */
  endToken(token: string): void {
    if (this.refuseToRevoke !== null) return;
    this.leases = this.leases.filter((lease) => this.#tokens.get(lease) !== token);
  }

  #issueRequest(role: string, token: string): Reply {
    if (this.refuseToIssue !== null) return { status: 500, body: { errors: [this.refuseToIssue] } };
    const lease = this.issue(role);
    this.#tokens.set(lease, token);
    return { status: 200, body: { lease_id: lease, data: { username: `v-${role}`, password: "not-looked-at" } } };
  }

  #readConnection(name: string): Reply {
    const details = this.connections.get(name);
    if (details === undefined) return { status: 404, body: { errors: [] } };
    return { status: 200, body: { data: { connection_details: details } } };
  }

  #revoke(covers: (entry: { lease: string }) => boolean): Reply {
    if (this.refuseToRevoke !== null) return { status: 400, body: { errors: [this.refuseToRevoke] } };
    this.leases = this.leases.filter((lease) => !covers({ lease }));
    return { status: 204 };
  }
}

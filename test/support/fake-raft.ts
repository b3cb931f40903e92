import type { EngineRequest } from "./fake-database-engine.ts";
import type { Received, Reply } from "./wire.ts";
import type { VaultWorld } from "./vault-world.ts";

/** A Raft cluster of the Vaults of a world, as far as it is looked after. */
export class FakeRaft {
  /** Volumes that were deleted, by names and UIDs, in order. */
  readonly deleted: { readonly claim: string; readonly uid: string }[] = [];
  /** What may never happen, in words. */
  readonly harm: string[] = [];
  /** Who was removed, in order. */
  readonly removals: string[] = [];
  readonly #world: VaultWorld;
  readonly #voters: Set<string>;

  constructor(world: VaultWorld, leader: number) {
    this.#world = world;
    this.#voters = new Set(world.target.pods);
    this.#lead(leader);
    for (const [index, vault] of world.vaults.entries()) vault.engine = (request) => this.#answer(index, request);
  }

  get voters(): string[] {
    return [...this.#voters];
  }

  /** Looks at what a request is about to do to a volume. */
  saw({ server, method, path, body }: Received): void {
    const claim = /\/persistentvolumeclaims\/([^/]+)$/.exec(path)?.[1];
    if (server !== "kubernetes" || method !== "DELETE" || claim === undefined) return;
    const { preconditions } = JSON.parse(body) as { preconditions?: { uid?: string } };
    const uid = preconditions?.uid ?? "";
    if (uid === "") this.harm.push(`${claim} was deleted, whichever it may be`);
    if (this.#voters.has(claim.replace(/^data-/, ""))) this.harm.push(`${claim} was deleted under a voter`);
    this.deleted.push({ claim, uid });
  }

  #lead(index: number): void {
    const leader = this.#world.vaults[index] ?? null;
    for (const vault of this.#world.vaults) vault.leader = vault === leader ? null : leader;
  }

  #answer(index: number, { method, path, body }: EngineRequest): Reply | null {
    const pods = this.#world.target.pods;
    const me = pods[index] ?? "";
    if (path === "sys/step-down") {
      this.#lead(pods.findIndex((pod) => pod !== me && this.#voters.has(pod)));
      return { status: 204 };
    }
    if (path === "sys/storage/raft/remove-peer" && method === "POST") {
      const gone = String(body["server_id"]);
      this.#voters.delete(gone);
      this.removals.push(gone);
      const vault = this.#world.vaults[pods.indexOf(gone)];
      if (vault !== undefined) {
        vault.removed = true;
        vault.sealed = true;
      }
      return { status: 204 };
    }
    if (path === "sys/storage/raft/configuration") {
      const servers = this.voters.map((id) => ({ node_id: id, leader: id === me, voter: true }));
      return { status: 200, body: { data: { config: { servers } } } };
    }
    if (path !== "sys/storage/raft/autopilot/state") return null;
    const servers = Object.fromEntries(this.voters.map((id) => [id, { healthy: true, status: "voter" }]));
    const data = { healthy: true, failure_tolerance: 1, leader: me, voters: this.voters, servers };
    return { status: 200, body: { data } };
  }
}

/**
 * What a database login costs while many are open, against the first ones, on a Postgres of this machine. No Vault, no
 * cluster. The cost is the processor's time of Vault's session: what else the machine does would show more than the
 * logins in a clock's.
 */
import { readFileSync } from "node:fs";
import { progress } from "../../scripts/steps.ts";
import { LoginDatabase, type IssuedLogin } from "../support/login-database.ts";
import type { Figure } from "./figures.ts";

/** How many are open when it is measured. */
const counts = [10, 1_000, 3_000, 10_000] as const;

/** So many are made, renewed and taken away for one figure, which is that of the one in the middle. */
const sample = 61;

/** What a session does for the first time only is no login's cost: each maker has its turn before. */
const rounds = 10;

const deeds = ["made", "renewed", "taken away"] as const;

/** In seconds, by what is done. */
type Cost = Record<(typeof deeds)[number], number>;

/** Measures the statements that Vault runs for a login. */
export async function compareLogins(): Promise<Figure[]> {
  const database = await LoginDatabase.start("own");
  try {
    for (let round = 0; round < rounds; round += 1) await costOf(database);
    let open = 0;
    let first: Cost | undefined;
    const figures: Figure[] = [];
    for (const count of counts) {
      for (; open < count; open += 1) await database.issue("myapp-db-role");
      const cost = await costOf(database);
      const base = (first ??= cost);
      progress(`${count} logins are open: ${deeds.map((deed) => `${ms(cost[deed])} ${deed}`).join(", ")}`);
      figures.push(
        ...deeds.map((deed) => ({
          what: `login ${deed}, ${count} open`,
          seconds: cost[deed],
          baseline: { what: `the same, ${counts[0]} open`, seconds: base[deed] },
        })),
      );
    }
    return figures;
  } finally {
    await database.stop();
  }
}

async function costOf(database: LoginDatabase): Promise<Cost> {
  const session = await database.vaultSession();
  const made: IssuedLogin[] = [];
  const cost = async <Turn>(turns: readonly Turn[], work: (turn: Turn) => Promise<unknown>): Promise<number> => {
    const times: number[] = [];
    for (const turn of turns) {
      const before = processorSeconds(session);
      await work(turn);
      times.push(processorSeconds(session) - before);
    }
    return middle(times);
  };
  const turns = Array.from({ length: sample }, (_, turn) => turn);
  return {
    made: await cost(turns, async () => made.push(await database.issue("myapp-db-role"))),
    renewed: await cost(made, (login) => database.renew(login)),
    "taken away": await cost(made, (login) => database.revoke(login)),
  };
}

/** What a process has had of the processor until now. */
function processorSeconds(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e9;
}

function middle(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? Number.NaN;
}

function ms(seconds: number): string {
  return `${(seconds * 1000).toFixed(1)} ms`;
}

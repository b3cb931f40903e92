/** What a database login costs while many are open, against the first ones, on a Postgres of this machine. No Vault, no cluster. */
import { progress } from "../../scripts/steps.ts";
import { LoginDatabase, type IssuedLogin } from "../support/login-database.ts";
import { type Figure, timed } from "./figures.ts";

/** How many are open when it is measured. */
const counts = [10, 1_000, 3_000, 10_000] as const;

/** So many are made, renewed and taken away for one figure, which is that of the one in the middle: other work on the machine shows less. */
const sample = 61;

const deeds = ["made", "renewed", "taken away"] as const;

/** In seconds, by what is done. */
type Cost = Record<(typeof deeds)[number], number>;

/** Measures the statements that Vault runs for a login. */
export async function compareLogins(): Promise<Figure[]> {
  const database = await LoginDatabase.start("own");
  try {
    // What a session does for the first time only is no login's cost.
    await costOf(database);
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
  const made: IssuedLogin[] = [];
  const perLogin = async (work: (login: IssuedLogin) => Promise<void>): Promise<number> => {
    const times: number[] = [];
    for (const login of made) times.push(await timed(() => work(login)));
    return middle(times);
  };
  const issues: number[] = [];
  for (let turn = 0; turn < sample; turn += 1) {
    issues.push(await timed(async () => void made.push(await database.issue("myapp-db-role"))));
  }
  return {
    made: middle(issues),
    renewed: await perLogin((login) => database.renew(login)),
    "taken away": await perLogin((login) => database.revoke(login)),
  };
}

function middle(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? Number.NaN;
}

function ms(seconds: number): string {
  return `${(seconds * 1000).toFixed(1)} ms`;
}

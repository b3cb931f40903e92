/** What a database login costs while many are open, against the first ones, on a Postgres of this machine. No Vault, no cluster. */
import { progress } from "../../scripts/steps.ts";
import { LoginDatabase, type IssuedLogin } from "../support/login-database.ts";
import { type Figure, timed } from "./figures.ts";

/** How many are open when it is measured. */
const counts = [10, 1_000, 3_000] as const;

/** So many are made, and taken away again, for one figure. */
const sample = 20;

/** Measures the statements that Vault runs to make a login and to take one away. */
export async function compareLogins(): Promise<Figure[]> {
  const database = await LoginDatabase.start("own");
  try {
    const open: IssuedLogin[] = [];
    const first = { issue: Number.NaN, revoke: Number.NaN };
    const figures: Figure[] = [];
    for (const count of counts) {
      while (open.length < count) open.push(await database.issue("myapp-db-role"));
      const cost = await costOf(database);
      if (count === counts[0]) Object.assign(first, cost);
      progress(`${count} logins are open: ${ms(cost.issue)} to make one, ${ms(cost.revoke)} to take one away`);
      figures.push(
        { what: `login made, ${count} open`, seconds: cost.issue, baseline: beside(first.issue) },
        { what: `login taken away, ${count} open`, seconds: cost.revoke, baseline: beside(first.revoke) },
      );
    }
    return figures;
  } finally {
    await database.stop();
  }
}

/** Of one login, in seconds. */
async function costOf(database: LoginDatabase): Promise<{ readonly issue: number; readonly revoke: number }> {
  const made: IssuedLogin[] = [];
  const issue = await timed(async () => {
    for (let turn = 0; turn < sample; turn += 1) made.push(await database.issue("myapp-db-role"));
  });
  const revoke = await timed(async () => {
    for (const login of made) await database.revoke(login);
  });
  return { issue: issue / sample, revoke: revoke / sample };
}

function beside(seconds: number): Figure["baseline"] {
  return { what: `the same, ${counts[0]} open`, seconds };
}

function ms(seconds: number): string {
  return `${(seconds * 1000).toFixed(1)} ms`;
}

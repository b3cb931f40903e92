/** The seconds of a duration as Vault prints it, `3h12m10s` for example. */
export function seconds(duration: string): number {
  const parts = duration.matchAll(/([\d.]+)(h|ms|m|s)/g);
  return [...parts].reduce((sum, [, count, unit]) => sum + Number(count) * (secondsOf[unit ?? ""] ?? 0), 0);
}

const secondsOf: Readonly<Record<string, number>> = { h: 3_600, m: 60, s: 1, ms: 0.001 };

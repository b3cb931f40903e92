/**
 * Ends a script whose call or settings have faults, before it does anything.
 * @param faults Every fault found.
 */
export function refuse(faults: readonly string[]): never {
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.exit(2);
}

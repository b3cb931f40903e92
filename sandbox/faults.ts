/**
 * Something a person has to put right before the sandbox can go on. Each fault is one line that says what must hold,
 * what was found, and what to do.
 */
export class SandboxError extends Error {
  readonly faults: readonly string[];

  /**
   * @param faults Every fault found, not only the first.
   * @param options The error behind them, if there is one.
   */
  constructor(faults: readonly string[], options?: ErrorOptions) {
    super(faults.join("\n"), options);
    this.name = "SandboxError";
    this.faults = faults;
  }
}

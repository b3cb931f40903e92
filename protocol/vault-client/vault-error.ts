/** A refusal by Vault: its status and its own words, with everything we sent taken out. */
export class VaultRefusal extends Error {
  override readonly name = "VaultRefusal";
  /** HTTP status. */
  readonly status: number;
  /** Vault's error texts, cleaned. */
  readonly errors: readonly string[];

  constructor(where: string, status: number, errors: readonly string[]) {
    super(`${where}: Vault answered ${status}${errors.length > 0 ? ` (${errors.join("; ")})` : ""}`);
    this.status = status;
    this.errors = errors;
  }

  /** True when one of the texts contains these words. */
  says(words: string): boolean {
    return this.errors.some((error) => error.includes(words));
  }
}

/** Vault could not be asked, or its answer was lost. */
export class VaultNoAnswer extends Error {
  override readonly name = "VaultNoAnswer";
  /** False when nothing can have reached Vault; true when it may have acted on the request. */
  readonly sent: boolean;

  constructor(where: string, sent: boolean, reason: string, options?: ErrorOptions) {
    super(`${where}: ${sent ? "no answer" : "cannot connect"}: ${reason}`, options);
    this.sent = sent;
  }
}

/**
 * Takes every string of a request out of a text. Vault does not repeat what it was sent, but a parser's message or a
 * proxy in between may.
 */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= 6)
    .reduce((clean, secret) => clean.replaceAll(secret, "[removed]"), text)
    .slice(0, 300);
}

import { PluginError } from "../shared/errors.ts";

/** What Vault said to a request it did not accept. */
export class VaultError extends PluginError {
  readonly status: number;
  /** Vault's own messages. */
  readonly errors: readonly string[];

  constructor(request: { method: string; path: string; address: string }, status: number, errors: readonly string[]) {
    const said = errors.length === 0 ? "" : ` (${errors.map(oneLine).join("; ")})`;
    const { method, path, address } = request;
    super(
      `${method} ${path}: must be accepted by Vault at ${address}, got ${status}${said}; ${advice(path, status, errors)}`,
    );
    this.status = status;
    this.errors = errors;
  }
}

/** Vault could not be reached at all. */
export class VaultUnreachable extends PluginError {}

function advice(path: string, status: number, errors: readonly string[]): string {
  if (path.endsWith("/login") && status < 500) return "check the path and the parameters of authLogin";
  if (status === 403) return "check that the login's token has not expired and that its policies allow this path";
  if (status === 503) return "unseal Vault, then run again";
  if (errors.some((error) => /path is already in use|path already in use/.test(error))) {
    return "choose another path, or import what is there";
  }
  if (status === 404) return "check that something is mounted at this path";
  return status >= 500 ? "see the log of Vault" : "correct the resource's properties";
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

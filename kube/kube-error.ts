/** What the API server's answer means to a caller. */
export type KubeErrorKind =
  "not-found" | "conflict" | "forbidden" | "unauthorized" | "invalid" | "unavailable" | "unreachable";

/** A call to the API server that did not do what was asked. Holds no request body. */
export class KubeError extends Error {
  override readonly name = "KubeError";
  readonly kind: KubeErrorKind;
  readonly status: number;

  constructor(kind: KubeErrorKind, status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.status = status;
  }
}

/** True when waiting and asking again can help. */
export function isTransient(error: unknown): boolean {
  return error instanceof KubeError && (error.kind === "unavailable" || error.kind === "unreachable");
}

/** Names an HTTP status of the API server. */
export function kindOfStatus(status: number): KubeErrorKind {
  switch (status) {
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "not-found";
    case 409:
      return "conflict";
    default:
      return status === 408 || status === 429 || status >= 500 ? "unavailable" : "invalid";
  }
}

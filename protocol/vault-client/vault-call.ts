import type { z } from "zod";
import type { Clock } from "../frame/clock.ts";
import { VaultNoAnswer } from "./vault-error.ts";
import { exchange, type VaultRequest, type VaultTransport } from "./vault-http.ts";

/** A request without its abort signal. */
export type Unsigned = Omit<VaultRequest, "signal">;

/** Sends a request that must be answered in a known form. */
export type Call = <T>(schema: z.ZodType<T>, request: Unsigned) => Promise<T>;

/** Sends requests of one kind over a transport, each with the same time to be answered. */
export function caller(transport: VaultTransport, clock: Clock, timeout: number): Call {
  return async <T>(schema: z.ZodType<T>, request: Unsigned): Promise<T> => {
    const { body } = await exchange(transport, { ...request, signal: clock.timeout(timeout) });
    const parsed = schema.safeParse(body);
    if (!parsed.success) {
      // Names the fields only: the values may be secret.
      const fields = parsed.error.issues.map((issue) => issue.path.join(".") || "(all)").join(", ");
      throw new VaultNoAnswer(
        `${transport.label}: ${request.method} ${request.path}`,
        true,
        `unexpected answer in ${fields}`,
      );
    }
    return parsed.data;
  };
}

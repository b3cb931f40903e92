import { isObject, type Json, type JsonObject } from "../../shared/property.ts";
import { listAt, numberAt, objectAt, textAt } from "../object/fields.ts";

/** One of several reasons the API server gives for a refusal. */
export interface ApiCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** A refusal by the API server. The text is the server's, which redacts the contents of Secrets itself. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** HTTP status. */
  readonly code: number;
  /** Machine-readable reason, `AlreadyExists` for example. */
  readonly reason: string;
  readonly details: JsonObject;

  constructor(code: number, body: Json | undefined) {
    const status = isObject(body) ? body : {};
    super(textAt(status, "message") || `the API server answered with HTTP status ${code}`);
    this.code = code;
    this.reason = textAt(status, "reason");
    this.details = objectAt(status, "details");
  }

  /** Why, in detail. */
  get causes(): readonly ApiCause[] {
    return listAt(this.details, "causes").map((cause) => ({
      reason: textAt(cause, "reason"),
      message: textAt(cause, "message"),
      field: textAt(cause, "field"),
    }));
  }

  /** How long to wait before another try, in seconds; undefined when another try is no use. */
  get retryAfterSeconds(): number | undefined {
    return this.code === 429 ? (numberAt(this.details, "retryAfterSeconds") ?? 1) : undefined;
  }
}

/** The API server could not be asked at all. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

/** The API server has no such kind; a custom resource without its definition, for example. */
export class UnknownKindError extends Error {
  override readonly name = "UnknownKindError";

  constructor(apiVersion: string, kind: string) {
    super(`the API server has no kind ${kind} in ${apiVersion}; create the custom resource definition first`);
  }
}

/** Whether the object, its namespace or its kind is not there. */
export function isNotFound(error: unknown): boolean {
  return (error instanceof ApiError && error.code === 404) || error instanceof UnknownKindError;
}

/** Whether an object of that name exists already. */
export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.reason === "AlreadyExists";
}

/** Whether fields belong to other managers, or the object was changed meanwhile. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.reason === "Conflict";
}

/** Whether the user may not do it. */
export function isForbidden(error: unknown): boolean {
  return error instanceof ApiError && error.code === 403;
}

/** Whether another try may succeed without anybody changing anything. */
export function isTransient(error: unknown): boolean {
  return error instanceof UnreachableError || (error instanceof ApiError && (error.code === 429 || error.code >= 500));
}

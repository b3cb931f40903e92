import { unknown } from "@pulumi/pulumi/output.js";

/**
 * What stands in a preview for a value that only a later run knows. It is the engine's own, which its package does not
 * export publicly.
 */
export const notKnownYet: unknown = unknown;

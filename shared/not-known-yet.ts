import { unknown } from "@pulumi/pulumi/output.js";

/** What stands for a value in a preview that only a later run knows. The engine's own, which its package does not name outside. */
export const notKnownYet: unknown = unknown;

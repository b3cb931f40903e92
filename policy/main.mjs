// The SDK's runner for policy packs would compile a TypeScript file with its own compiler, which is too old for these
// files.
import "./pack.ts";

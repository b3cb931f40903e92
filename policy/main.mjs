// The SDK's runner of policy packs would compile a TypeScript file with a compiler of its own, which is too old for these.
import "./pack.ts";

import { enableCompileCache, flushCompileCache } from "node:module";

// The engine starts this process in every run; most of the start would go into compiling the same files again.
enableCompileCache();
const { runPlugin } = await import("../shared/run.ts");
const { kubernetesProvider } = await import("./provider.ts");
await runPlugin(kubernetesProvider(process.env));
// The engine may end the process in a way that leaves no time for it later.
flushCompileCache();

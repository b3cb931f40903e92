import { runPlugin } from "../shared/run.ts";
import { tlsProvider } from "./provider.ts";

await runPlugin(tlsProvider(() => new Date()));

import { runPlugin } from "../shared/run.ts";
import { randomProvider } from "./provider.ts";

await runPlugin(randomProvider());

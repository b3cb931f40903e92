import { runPlugin } from "../shared/run.ts";
import { vaultProvider } from "./provider.ts";

await runPlugin(vaultProvider(process.env));

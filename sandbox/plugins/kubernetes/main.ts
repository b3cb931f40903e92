import { runPlugin } from "../shared/run.ts";
import { kubernetesProvider } from "./provider.ts";

await runPlugin(kubernetesProvider(process.env));

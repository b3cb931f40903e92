import { runPlugin } from "../shared/run.ts";
import { postgresqlProvider } from "./provider.ts";

await runPlugin(postgresqlProvider());

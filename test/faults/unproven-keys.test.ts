import { scenarios } from "./scenarios.ts";
import { walk } from "./walk.ts";

await walk(scenarios.unprovenKeys);

import { scenarios } from "./scenarios.ts";
import { walkWithThirdParties } from "./third-party-walk.ts";

await walkWithThirdParties(scenarios.unseenRekey);

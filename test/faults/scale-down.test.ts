import { walkRequests } from "./request-walk.ts";
import { requestScenarios } from "./request-scenarios.ts";

for (const scenario of await requestScenarios["scale-down"]()) await walkRequests(scenario);

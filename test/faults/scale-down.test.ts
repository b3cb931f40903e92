import { walkRequests } from "./request-walk.ts";
import { requestScenarios } from "./request-scenarios.ts";

for (const scenario of await requestScenarios.scaleDown()) await walkRequests(scenario);

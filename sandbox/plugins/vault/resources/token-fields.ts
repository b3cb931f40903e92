import type { PropertyRules } from "../../shared/schema.ts";
import { isSameNetworks } from "../equality.ts";

/** What every auth method's role says of the tokens it issues. */
export const tokenFields: PropertyRules = {
  tokenBoundCidrs: { type: { list: "string" }, same: isSameNetworks },
  tokenExplicitMaxTtl: { type: "integer" },
  tokenMaxTtl: { type: "integer" },
  tokenNoDefaultPolicy: { type: "boolean" },
  tokenNumUses: { type: "integer" },
  tokenPeriod: { type: "integer" },
  tokenPolicies: { type: { list: "string" }, set: true },
  tokenTtl: { type: "integer" },
  tokenType: { type: "string", default: "default" },
};

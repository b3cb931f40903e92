// Old states, from before protocol/door.ts, refer to this path.
export * from "../../../protocol/data-guard/data-guard-resource.ts";

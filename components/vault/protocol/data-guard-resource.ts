// Named by states of before there was a door.
export * from "../../../protocol/data-guard/data-guard-resource.ts";

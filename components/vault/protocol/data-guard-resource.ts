// Named by states of before 0.2.
export * from "../../../protocol/data-guard/data-guard-resource.ts";

// Named by states of before 0.2.
export * from "../../../protocol/rekey/rekey-resource.ts";

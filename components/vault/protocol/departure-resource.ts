// Named by states of before 0.2.
export * from "../../../protocol/raft/departure-resource.ts";

// Named by states of before there was a door.
export * from "../../../protocol/raft/quorum-resource.ts";

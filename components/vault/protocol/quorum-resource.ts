// Old states, from before protocol/door.ts, refer to this path.
export * from "../../../protocol/raft/quorum-resource.ts";

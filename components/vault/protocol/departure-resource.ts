// Old states, from before protocol/door.ts, refer to this path.
export * from "../../../protocol/raft/scale-down-resource.ts";

// Named by states of before there was a door.
export * from "../../../protocol/delivery/rollout-targets-resource.ts";

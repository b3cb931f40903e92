// Named by states of before 0.2.
export * from "../../../protocol/delivery/rollout-targets-resource.ts";

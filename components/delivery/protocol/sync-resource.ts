// Named by states of before there was a door.
export * from "../../../protocol/delivery/sync-resource.ts";

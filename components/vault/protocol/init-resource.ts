// Named by states of before there was a door.
export * from "../../../protocol/init/init-resource.ts";

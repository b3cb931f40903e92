// Named by states of before there was a door.
export * from "../../../protocol/rekey/rekey-resource.ts";

// Named by states of before there was a door.
export * from "../../../protocol/unseal/unseal-resource.ts";

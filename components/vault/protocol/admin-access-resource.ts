// Named by states of before there was a door.
export * from "../../../protocol/admin-access/admin-access-resource.ts";

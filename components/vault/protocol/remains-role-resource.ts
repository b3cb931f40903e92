// Named by states of before there was a door.
export * from "../../../protocol/database/remains-role-resource.ts";

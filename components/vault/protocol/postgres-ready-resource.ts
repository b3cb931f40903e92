// Named by states of before there was a door.
export * from "../../../protocol/database/postgres-ready-resource.ts";

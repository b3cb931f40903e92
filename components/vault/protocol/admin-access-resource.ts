// Old states, from before protocol/door.ts, refer to this path.
export * from "../../../protocol/admin-access/admin-access-resource.ts";

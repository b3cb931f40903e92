// Old states, from before protocol/door.ts, refer to this path.
export * from "../../../protocol/database/logins/login-bounds-resource.ts";

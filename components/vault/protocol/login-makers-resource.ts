// Named by states of before there was a door.
export * from "../../../protocol/database/logins/login-makers-resource.ts";

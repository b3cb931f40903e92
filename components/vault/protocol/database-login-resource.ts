// Named by states of before 0.2.
export * from "../../../protocol/database/database-login-resource.ts";

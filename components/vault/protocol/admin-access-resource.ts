// Named by states of before 0.2.
export * from "../../../protocol/admin-access/admin-access-resource.ts";

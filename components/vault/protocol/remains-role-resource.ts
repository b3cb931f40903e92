// Named by states of before 0.2.
export * from "../../../protocol/database/remains-role-resource.ts";

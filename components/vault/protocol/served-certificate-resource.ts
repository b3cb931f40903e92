// Old states, from before protocol/door.ts, refer to this path.
export * from "../../../protocol/certificate/served-certificate-resource.ts";

// Named by states of before there was a door.
export * from "../../../protocol/certificate/served-certificate-resource.ts";

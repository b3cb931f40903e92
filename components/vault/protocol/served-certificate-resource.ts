// Named by states of before 0.2.
export * from "../../../protocol/certificate/served-certificate-resource.ts";

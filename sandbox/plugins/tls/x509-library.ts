/** The X.509 library, loaded when it is first needed: most runs change no certificate. */
export async function x509Library(): Promise<typeof import("@peculiar/x509")> {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}

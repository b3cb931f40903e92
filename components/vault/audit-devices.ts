import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { childOptions } from "../shared/child-options.ts";
import { serverPaths } from "./server-config.ts";

/** File on the audit volume that the first device writes. */
export const auditLogFile = `${serverPaths.audit}/audit.log`;

/** Which audit devices there are. */
export interface AuditDevicesArgs {
  /** Whether the server has an audit volume; the development server has none. */
  readonly file: boolean;
}

/**
 * The record of every request to Vault, twice: a file on the audit volume, and the standard output of the pod, from
 * where the cluster's log collection takes it. Vault answers as long as one of them can be written.
 *
 * Whatever else is made inside Vault depends on it, so that nothing happens unrecorded.
 * @example const audit = new AuditDevices("audit", { file: true }, insideVault);
 */
export class AuditDevices extends pulumi.ComponentResource {
  public constructor(name: string, args: AuditDevicesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:vault:AuditDevices", name, {}, opts);
    const child = childOptions(this, opts);
    if (args.file) {
      new vault.Audit(`${name}-file`, { type: "file", path: "file", options: { file_path: auditLogFile } }, child);
    }
    new vault.Audit(`${name}-stdout`, { type: "file", path: "stdout", options: { file_path: "stdout" } }, child);
    this.registerOutputs();
  }
}

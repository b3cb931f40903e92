import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { adopting, childOptions, componentOptions } from "../../shared/child-options.ts";
import { serverPaths } from "./server-config.ts";

/** File on the audit volume that the first device writes. */
const auditLogFile = `${serverPaths.audit}/audit.log`;

/** Which audit devices there are. */
export interface AuditDevicesArgs {
  /** Whether the server has an audit volume; the development server has none. */
  readonly file: boolean;
  /**
   * Whether devices that exist already are taken over; all must exist then.
   * @default false: an existing one is refused
   */
  readonly adopt?: boolean;
}

/**
 * The record of every request to Vault, twice: a file on the audit volume, and the standard output of the pod, where
 * the cluster's log collection picks it up. Vault answers as long as one of them can be written.
 *
 * Everything else created inside Vault depends on it, so that nothing happens unrecorded.
 * @example const audit = new AuditDevices("audit", { file: true }, insideVault);
 */
export class AuditDevices extends pulumi.ComponentResource {
  public constructor(name: string, args: AuditDevicesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:vault:AuditDevices", name, {}, componentOptions(opts));
    const createDevice = (path: string, file: string): vault.Audit =>
      new vault.Audit(
        `${name}-${path}`,
        { type: "file", path, options: { file_path: file } },
        adopting(childOptions(this, opts), args.adopt, path),
      );
    if (args.file) createDevice("file", auditLogFile);
    createDevice("stdout", "stdout");
    this.registerOutputs();
  }
}

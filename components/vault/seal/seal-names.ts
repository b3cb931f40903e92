/** Names in the formats of the clouds that keep a seal's key. */
import { fault } from "../../../shared/errors.ts";

/** Id of a tenant or an application of Azure. */
export const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** A region of AWS, of all partitions: `us-gov-west-1`, `cn-north-1`, `us-isob-east-1`, `eusc-de-east-1`. */
export const awsRegion = /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/;
/** A project of Google; some old ones have an organisation's domain as a prefix. */
export const googleProject = /^([a-z0-9][a-z0-9.-]*[a-z0-9]:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/;
/**
 * A location of Google KMS. Regions have a number, such as `europe-west12`; groups of them have none or one, such as
 * `global`, `us`, `eur4`, `nam-eur-asia1`.
 */
export const googleLocation = /^[a-z]+(\d{1,2}|(-[a-z]+)+\d{1,2})?$/;
/** A service account of Google. */
export const googleAccount = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?@[a-z0-9]([a-z0-9.-]*[a-z0-9])?\.gserviceaccount\.com$/;
/** A key vault of Azure: 3 to 24 letters, digits and single dashes. */
export const azureVault = /^(?=.{3,24}$)[A-Za-z](-?[A-Za-z0-9])+$/;

const kmsKeyName = String.raw`([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})`;
const kmsAlias = String.raw`alias/[\w/-]{1,250}`;
const kmsKey = new RegExp(`^(${kmsKeyName}|${kmsAlias})$`);
const kmsArn = new RegExp(String.raw`^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:(key/${kmsKeyName}|${kmsAlias})$`);

/**
 * The fault of a key of AWS KMS, if it has one.
 * @param seal The seal that names it, with its region.
 */
export function kmsKeyFaults({ keyId, region }: { readonly keyId: string; readonly region: string }): string[] {
  const keyRegion = kmsArn.exec(keyId)?.[1];
  if (keyRegion === undefined && !kmsKey.test(keyId)) {
    return [
      fault("keyId", "must be the id, alias or ARN of a key", keyId, "copy it from KMS; an alias begins with alias/"),
    ];
  }
  if (keyRegion === undefined || keyRegion === region) return [];
  return [fault("keyId", `must be a key of region, which is ${region}`, keyId, "correct one of the two")];
}

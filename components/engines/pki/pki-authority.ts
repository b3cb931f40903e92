import type * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { fault } from "../../../shared/errors.ts";
import { durationFaults, toSeconds, type Duration } from "../../../shared/units.ts";
import type { PkiEngine } from "./pki.ts";
import { keyFields, type PkiKeyType } from "./pki-roles.ts";

/** Who signs certificates. Its key is made inside Vault and never leaves it. */
export type PkiAuthority = AuthoritySettings &
  (
    | {
        /** Signs itself; whoever trusts it trusts everything it issues. */
        readonly kind: "root";
      }
    | {
        /** Signed by the authority of another engine, which is what clients trust. */
        readonly kind: "intermediate";
        readonly parent: Pick<PkiEngine, "path" | "issuerId" | "authorityTtl">;
      }
  );

interface AuthoritySettings {
  /** Name of the authority in its certificate. Changing any property of an authority makes a new one. */
  readonly commonName: string;
  /** Its lifetime, which is also the maximum for certificates of the mount. */
  readonly ttl: Duration;
  /** Its key. @default "ec-256" */
  readonly keyType?: PkiKeyType;
}

/** An authority inside Vault. */
export interface Authority {
  /** The issuer that roles use. */
  readonly issuerId: pulumi.Output<string>;
  /** Its certificate, PEM. */
  readonly certificate: pulumi.Output<string>;
}

/** Makes the authority of an engine. */
export function createAuthority(
  name: string,
  mount: vault.Mount,
  authority: PkiAuthority,
  child: pulumi.CustomResourceOptions,
): Authority {
  const { commonName, keyType = "ec-256" } = authority;
  const ttl = `${toSeconds(authority.ttl)}s`;
  const request = { type: "internal", commonName, ...keyFields(keyType) };
  if (authority.kind === "root") {
    const root = new vault.pkisecret.SecretBackendRootCert(
      `${name}-root`,
      { backend: mount.path, ttl, ...request },
      // The provider does not treat another ttl as a change.
      { ...child, replaceOnChanges: ["ttl"] },
    );
    return { issuerId: root.issuerId, certificate: root.certificate };
  }
  const { parent } = authority;
  const asked = new vault.pkisecret.SecretBackendIntermediateCertRequest(
    `${name}-request`,
    { backend: mount.path, ...request },
    child,
  );
  const signed = new vault.pkisecret.SecretBackendRootSignIntermediate(
    `${name}-signature`,
    { backend: parent.path, issuerRef: parent.issuerId, csr: asked.csr, commonName, ttl },
    child,
  );
  const installed = new vault.pkisecret.SecretBackendIntermediateSetSigned(
    `${name}-signed`,
    // Without its chain: otherwise the parent would be an issuer of this mount as well.
    { backend: mount.path, certificate: signed.certificate },
    child,
  );
  return {
    issuerId: installed.importedIssuers.apply(([issuer = "default"]) => issuer),
    certificate: signed.certificate,
  };
}

/** Every fault of an authority. */
export function authorityFaults(authority: PkiAuthority): string[] {
  const { commonName, ttl } = authority;
  const faults = durationFaults("authority.ttl", ttl);
  if (commonName.trim() === "" || commonName.length > 64) {
    const remedy = "clients show it as the issuer";
    faults.push(fault("authority.commonName", "must be a name of 1 to 64 characters", commonName, remedy));
  }
  if (authority.kind === "root" || faults.length > 0) return faults;
  const parentTtl = authority.parent.authorityTtl;
  if (toSeconds(ttl) >= toSeconds(parentTtl)) {
    const remedy = "lower it: what it issues would be refused once the parent has ended";
    faults.push(fault("authority.ttl", `must be shorter than authority.ttl of its parent, ${parentTtl}`, ttl, remedy));
  }
  return faults;
}

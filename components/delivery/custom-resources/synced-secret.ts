import * as pulumi from "@pulumi/pulumi";
import { reservedNameFaults } from "../../shared/reserved-names.ts";
import { rejectFaults } from "../../../shared/errors.ts";
import type { Duration } from "../../../shared/units.ts";
import { createCustomResource } from "./custom-resource.ts";
import type { CustomResourceSpecs } from "./custom-resource-specs.ts";
import { type Destination, destinationName, destinationSpec, type RolloutTarget } from "./destination.ts";
import type { VaultAuth } from "./vault-auth.ts";

/** A Kubernetes Secret that the operator keeps up to date, as a workload needs it. */
export interface SyncedSecret {
  /** Name of the Secret; resolves once it has been written. */
  readonly secretName: pulumi.Output<string>;
  /** Namespace of the Secret. */
  readonly namespace: pulumi.Output<string>;
  /** The workloads that are restarted when it changes. */
  readonly rolloutRestart: readonly RolloutTarget[];
}

/** What each kind of delivered secret is given. */
interface DeliveryArgs {
  readonly auth: VaultAuth;
  readonly destination: Destination;
  readonly objectName?: string;
  readonly rolloutRestart?: readonly RolloutTarget[];
  readonly timeout?: Duration;
}

type SecretKind = "VaultDynamicSecret" | "VaultPKISecret" | "VaultStaticSecret";

type CommonSpec = Pick<CustomResourceSpecs[SecretKind], "vaultAuthRef" | "destination" | "rolloutRestartTargets">;

type SecretObject = {
  readonly [Kind in SecretKind]: { readonly kind: Kind; readonly spec: CustomResourceSpecs[Kind] };
}[SecretKind];

/**
 * Has a custom resource write a Secret.
 * @param describe The custom resource, given what all kinds share: who requests it, where it goes, and which workloads
 * are restarted.
 * @returns What workloads take; resolves to a fault when another component of the program already writes the same
 * Secret.
 */
export function deliverSecret(
  component: pulumi.Resource,
  name: string,
  args: DeliveryArgs,
  describe: (common: CommonSpec) => SecretObject,
  child: pulumi.CustomResourceOptions,
): SyncedSecret {
  const { auth, destination, objectName = name, rolloutRestart = [], timeout } = args;
  const claimed = claimSecret(component, auth.namespace, destination);
  const common = {
    vaultAuthRef: pulumi.interpolate`${auth.object.namespace}/${auth.object.name}`,
    destination: destinationSpec(destination, claimed),
    ...(rolloutRestart.length > 0 && { rolloutRestartTargets: rolloutRestart }),
  };
  const object = createCustomResource(
    name,
    {
      ...describe(common),
      operator: auth.operator,
      name: objectName,
      namespace: auth.namespace,
      rolloutRestart,
      ...(timeout !== undefined && { timeout }),
    },
    child,
  );
  return {
    secretName: pulumi.all([claimed, object.name]).apply(([secretName]) => secretName),
    namespace: object.namespace,
    rolloutRestart,
  };
}

/** Claims a Secret for one custom resource: a second one would silently overwrite it. */
function claimSecret(
  component: pulumi.Resource,
  namespace: pulumi.Input<string>,
  destination: Destination,
): pulumi.Output<string> {
  return pulumi.all([namespace, destinationName(destination)]).apply(([place, name]) => {
    rejectFaults(component, reservedNameFaults(component, "delivered Secret", `${place}/${name}`, "destination"));
    return name;
  });
}

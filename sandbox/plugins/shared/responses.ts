import * as grpc from "@grpc/grpc-js";
import anyMessages from "google-protobuf/google/protobuf/any_pb.js";
import providerMessages from "@pulumi/pulumi/proto/provider_pb.js";
import statusMessages from "@pulumi/pulumi/proto/status_pb.js";
import { errorText, PartialFailure, PluginError } from "./errors.ts";
import type { PropertyMap } from "./property.ts";
import { encodeProperties } from "./property-codec.ts";
import type { SecretValues } from "./redaction.ts";
import type { Fault } from "./schema.ts";
import type { Change } from "./structural-diff.ts";

/** The engine's form of a set of changes. */
export function diffResponse(changes: readonly Change[], deleteBeforeReplace: boolean): providerMessages.DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = providerMessages.DiffResponse.DiffChanges;
  const replaces = [...new Set(changes.filter(({ replace }) => replace).map(({ property }) => property))];
  const response = new providerMessages.DiffResponse()
    .setChanges(changes.length === 0 ? DIFF_NONE : DIFF_SOME)
    .setDiffsList([...new Set(changes.map(({ property }) => property))])
    .setReplacesList(replaces)
    .setDeletebeforereplace(deleteBeforeReplace && replaces.length > 0)
    .setHasdetaileddiff(true);
  for (const { path, kind, replace, isOutput } of changes) {
    const detail = new providerMessages.PropertyDiff().setInputdiff(isOutput !== true).setKind(diffKind(kind, replace));
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}

/**
 * The engine's form of a check. The path stands in the text and not in the failure's own property field,
 * because the engine prints the value of a property named there, secret or not.
 */
export function checkResponse(inputs: PropertyMap, faults: readonly Fault[]): providerMessages.CheckResponse {
  const failures = faults.map(({ path, reason }) =>
    new providerMessages.CheckFailure().setReason(path === "" ? reason : `${path}: ${reason}`),
  );
  return new providerMessages.CheckResponse().setInputs(encodeProperties(inputs)).setFailuresList(failures);
}

/** The gRPC error of a failure; a partial one carries the state that exists. */
export function failureResponse(
  error: unknown,
  secrets: SecretValues,
  partial?: (failure: PartialFailure) => { outputs: PropertyMap; inputs: PropertyMap },
): Partial<grpc.StatusObject> {
  const details = secrets.redact(errorText(error));
  if (error instanceof PartialFailure && partial !== undefined) {
    const { outputs, inputs } = partial(error);
    const detail = new providerMessages.ErrorResourceInitFailed()
      .setId(error.state.id)
      .setProperties(encodeProperties(outputs))
      .setInputs(encodeProperties(inputs))
      .setReasonsList(error.reasons.map((reason) => secrets.redact(reason)));
    return { code: grpc.status.UNKNOWN, details, metadata: initFailure(details, detail) };
  }
  const code = error instanceof PluginError ? grpc.status.FAILED_PRECONDITION : grpc.status.UNKNOWN;
  return { code, details };
}

/** The failure of a call no stand-in serves. */
export function notCovered(plugin: string, what: string): Partial<grpc.StatusObject> {
  return {
    code: grpc.status.INVALID_ARGUMENT,
    details: `${what}: must be covered by the stand-in of the ${plugin} plugin, got one that is not; use the official plugin`,
  };
}

function diffKind(kind: Change["kind"], replace: boolean): providerMessages.PropertyDiff.Kind {
  const kinds = providerMessages.PropertyDiff.Kind;
  switch (kind) {
    case "add":
      return replace ? kinds.ADD_REPLACE : kinds.ADD;
    case "delete":
      return replace ? kinds.DELETE_REPLACE : kinds.DELETE;
    case "update":
      return replace ? kinds.UPDATE_REPLACE : kinds.UPDATE;
  }
}

function initFailure(message: string, detail: providerMessages.ErrorResourceInitFailed): grpc.Metadata {
  const any = new anyMessages.Any();
  any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new statusMessages.Status().setCode(grpc.status.UNKNOWN).setMessage(message).setDetailsList([any]);
  const metadata = new grpc.Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return metadata;
}

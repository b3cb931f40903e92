import { PluginError } from "../../shared/errors.ts";
import type { DeleteRequest, OperationContext } from "../../shared/provider.ts";
import { UnreachableError } from "../api/api-error.ts";
import { awaitDeleted } from "../await/await-deleted.ts";
import { NotReadyError } from "../await/await-ready.ts";
import { propagationOf, skipsDeletionAwait, timeoutOf } from "../object/annotations.ts";
import { parseId } from "../object/fields.ts";
import type { GroupVersionKind } from "../object/type-token.ts";
import type { Session } from "../session.ts";
import { unreachable } from "./read.ts";

/**
 * Deletes an object, its dependents first, and waits until it is gone. One that is gone already is fine.
 * @throws PluginError when it is still there after the timeout, with what holds it
 */
export async function deleteObject(
  kind: GroupVersionKind,
  session: Session,
  { id, inputs }: DeleteRequest,
  { signal, log, timeoutSeconds }: OperationContext,
): Promise<void> {
  const reference = { ...kind, ...parseId(id) };
  try {
    const { objects } = session.cluster;
    const live = await objects.find(reference, signal);
    if (live === undefined || !(await objects.delete(reference, propagationOf(inputs), signal))) return;
    if (skipsDeletionAwait(inputs, kind)) return;
    await awaitDeleted(objects, reference, live, {
      signal,
      log,
      timeoutMilliseconds: timeoutOf(inputs, timeoutSeconds),
    });
    log.status("");
  } catch (error) {
    if (error instanceof NotReadyError) throw new PluginError(error.message);
    if (!(error instanceof UnreachableError)) throw error;
    if (!session.settings.deleteUnreachable) throw unreachable(error);
  }
}

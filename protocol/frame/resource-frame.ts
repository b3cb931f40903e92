/**
 * The frame of every dynamic resource: Pulumi's methods, made from what differs between one resource and another.
 *
 * check → the faults of the inputs; diff → inputs, the state, then a look; create and update → the same work, which
 * finds what is done already; read → what is known, or a look; delete → remove it, or nothing.
 */
import type { dynamic } from "@pulumi/pulumi";
import type { SerializedProvider, ProtocolModule } from "./protocol-module.ts";
import type { VaultTarget } from "./vault-target.ts";
import { type Fault, Faults } from "./faults.ts";
import { quickLook } from "./quick-look.ts";
import { resourceId, withoutProvider } from "./partial-failure.ts";
import { openContext, type ProtocolContext } from "./protocol-context.ts";
import { changedProperties, containsUnknown, replacedProperties } from "./unknown.ts";

/** What a resource makes known beyond its inputs. */
export type Added<Inputs, Outputs> = Omit<Outputs, keyof Inputs>;

type Inside<Inputs, Context> = <Result>(inputs: Inputs, work: (context: Context) => Promise<Result>) => Promise<Result>;

/** What one dynamic resource is. */
export interface ResourceDefinition<Context, Inputs extends SerializedProvider, Outputs extends Inputs, Found> {
  /** Opens the way to what it is about, and closes it after the work. */
  readonly inside: Inside<Inputs, Context>;
  /** Its id in the state. */
  readonly idOf: (inputs: Inputs) => string;
  /** Notes every fault of the inputs, each of which may be anything; nothing is contacted. */
  readonly faults: (faults: Faults, inputs: Inputs) => Promise<void> | void;
  /** Inputs whose difference means an update. One that is not known yet counts as different. */
  readonly compared: readonly (keyof Inputs & string)[];
  /** Inputs whose difference means a replacement. @default - none */
  readonly identity?: readonly (keyof Inputs & string)[];
  /** Whether any input that is not known yet means an update, compared or not. @default false */
  readonly needsAll?: boolean;
  /** Whether the state, which may lack any output, asks for an update. Pure. @default - never */
  readonly isOff?: (olds: Partial<Outputs>, news: Inputs) => boolean;
  /** Looks, for a preview: whatever keeps it from an answer is "not known". @default - nothing is asked */
  readonly find?: (context: Context, news: Inputs, olds: Outputs) => Promise<Found>;
  /** Whether what was found asks for an update. @throws what must stop a preview. @default - when it is `true` */
  readonly hasWork?: (found: Found, news: Inputs, olds: Outputs) => boolean;
  /** Makes it as the inputs say, and finds what is done already. `olds` is null for a new resource. */
  readonly reconcile: (context: Context, inputs: Inputs, olds: Outputs | null) => Promise<Added<Inputs, Outputs>>;
  /** What it is now, as far as it can be seen; null when it is gone. @default - as it is known, and nothing is asked */
  readonly look?: (context: Context, props: Outputs) => Promise<Partial<Outputs> | null>;
  /** Removes it. @default - nothing to do */
  readonly remove?: (context: Context, props: Outputs) => Promise<void>;
  /** Whether a resource that cannot be reached has nothing to remove. @default false: then the removal fails */
  readonly removesIfReached?: boolean;
}

/** The methods, and variants of those that change something, which work in a given context. */
export interface DefinedResource<Context, Inputs, Outputs> extends ProtocolModule<Inputs, Outputs> {
  readonly createIn: (context: Context, inputs: Inputs) => Promise<dynamic.CreateResult<Outputs>>;
  readonly updateIn: (context: Context, olds: Outputs, news: Inputs) => Promise<dynamic.UpdateResult<Outputs>>;
  readonly deleteIn: (context: Context, props: Outputs) => Promise<void>;
}

/** For resources inside one Vault that take their id from it. */
export const inVault = {
  inside: async <Result>(
    { target }: { readonly target: VaultTarget },
    work: (context: ProtocolContext) => Promise<Result>,
  ) => work(await openContext(target.kubeContext)),
  idOf: ({ target }: { readonly target: VaultTarget }): string => resourceId(target),
};

/** Makes Pulumi's methods of a dynamic resource. */
export function defineResource<
  Context,
  Inputs extends SerializedProvider,
  Outputs extends Inputs = Inputs,
  Found = boolean,
>(definition: ResourceDefinition<Context, Inputs, Outputs, Found>): DefinedResource<Context, Inputs, Outputs> {
  const { inside, idOf, identity, reconcile, look, remove, removesIfReached = false } = definition;
  const outputs = async (context: Context, inputs: Inputs, olds: Outputs | null): Promise<Outputs> => {
    const added = await reconcile(context, inputs, olds);
    return { ...withoutProvider(inputs), ...added } as unknown as Outputs;
  };
  const createIn = async (context: Context, inputs: Inputs): Promise<dynamic.CreateResult<Outputs>> => {
    return { id: idOf(inputs), outs: await outputs(context, inputs, null) };
  };
  const updateIn = async (context: Context, olds: Outputs, news: Inputs): Promise<dynamic.UpdateResult<Outputs>> => {
    return { outs: await outputs(context, news, olds) };
  };
  const deleteIn = async (context: Context, props: Outputs): Promise<void> => {
    await remove?.(context, props);
  };
  return {
    check: async (_olds, news) => ({ inputs: news, failures: await faultsOf(definition, news) }),
    diff: async (_id, olds, news) => ({
      changes: isChanged(definition, olds, news) || (await hasFoundWork(definition, olds, news)),
      ...(identity !== undefined && { replaces: replacedProperties<Inputs>(olds, news, identity) }),
    }),
    create: (inputs) => inside(inputs, (context) => createIn(context, inputs)),
    update: (_id, olds, news) => inside(news, (context) => updateIn(context, olds, news)),
    read: async (id, props) => {
      if (look === undefined) return { id, props };
      const found = await inside(props, (context) => look(context, props));
      // An empty id tells the engine that the resource is gone.
      return found === null ? { id: "", props } : { id, props: { ...props, ...found } };
    },
    delete_: async (_id, props) => {
      if (remove === undefined) return;
      const removal = (): Promise<void> => inside(props, (context) => deleteIn(context, props));
      await (removesIfReached ? quickLook(removal) : removal());
    },
    createIn,
    updateIn,
    deleteIn,
  };
}

type Judged<Inputs extends SerializedProvider, Outputs extends Inputs> = Pick<
  ResourceDefinition<never, Inputs, Outputs, never>,
  "compared" | "faults" | "isOff" | "needsAll"
>;

async function faultsOf<Inputs extends SerializedProvider, Outputs extends Inputs>(
  { faults: noteFaults, compared }: Judged<Inputs, Outputs>,
  inputs: Inputs,
): Promise<Fault[]> {
  const faults = new Faults();
  await noteFaults(faults, inputs);
  const version = "protocolVersion";
  const isVersioned = compared.some((name) => name === version);
  if (isVersioned) faults.integer(version, Reflect.get(inputs, version), 1, Number.MAX_SAFE_INTEGER);
  return faults.list;
}

function isChanged<Inputs extends SerializedProvider, Outputs extends Inputs>(
  { compared, needsAll = false, isOff }: Judged<Inputs, Outputs>,
  olds: Outputs,
  news: Inputs,
): boolean {
  if (changedProperties<Inputs>(olds, news, compared).length > 0) return true;
  return (needsAll && containsUnknown(news)) || isOff?.(olds, news) === true;
}

async function hasFoundWork<Context, Inputs extends SerializedProvider, Outputs extends Inputs, Found>(
  { inside, find, hasWork }: ResourceDefinition<Context, Inputs, Outputs, Found>,
  olds: Outputs,
  news: Inputs,
): Promise<boolean> {
  if (find === undefined) return false;
  const found = await quickLook(() => inside(news, (context) => find(context, news, olds)));
  if (found === null) return false;
  return hasWork === undefined ? found === true : hasWork(found, news, olds);
}

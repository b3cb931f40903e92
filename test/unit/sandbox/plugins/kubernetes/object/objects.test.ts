import { describe, expect, it } from "vitest";
import {
  annotations,
  propagationOf,
  skipsDeletionAwait,
  timeoutOf,
} from "../../../../../../sandbox/plugins/kubernetes/object/annotations.ts";
import { named } from "../../../../../../sandbox/plugins/kubernetes/object/autoname.ts";
import { idOf, parseId } from "../../../../../../sandbox/plugins/kubernetes/object/fields.ts";
import {
  inApiSpelling,
  inProgramSpelling,
} from "../../../../../../sandbox/plugins/kubernetes/object/schema-extensions.ts";
import { withDecodedData, withEncodedData } from "../../../../../../sandbox/plugins/kubernetes/object/secret-data.ts";
import { unknown, type DraftObject, type JsonObject } from "../../../../../../sandbox/plugins/shared/property.ts";

const annotated = (key: string, value: string): JsonObject => ({ metadata: { annotations: { [key]: value } } });

describe("named", () => {
  const seed = new Uint8Array([1, 2, 3]);
  const nameIn = (object: DraftObject): unknown => (object["metadata"] as DraftObject)["name"];

  it("makes the same name of the same seed", () => {
    expect(nameIn(named({}, {}, "app", seed))).toBe(nameIn(named({}, {}, "app", seed)));
    expect(nameIn(named({}, {}, "app", seed))).not.toBe(nameIn(named({}, {}, "app", new Uint8Array())));
  });

  it("keeps the name generated before, and a name or an unknown name the program gives", () => {
    const before = named({}, {}, "app", seed);
    expect(nameIn(named({}, before, "app", new Uint8Array()))).toBe(nameIn(before));
    expect(named({ metadata: { name: "mine" } }, before, "app", seed)).toEqual({ metadata: { name: "mine" } });
    expect(named({ metadata: { name: unknown } }, before, "app", seed)).toEqual({ metadata: { name: unknown } });
  });

  it("does not keep a name the program has given before and gives no more", () => {
    expect(nameIn(named({}, { metadata: { name: "mine" } }, "app", seed))).toMatch(/^app-[0-9a-f]{8}$/);
  });
});

describe("ids", () => {
  it.each([
    [{ metadata: { name: "a", namespace: "n" } }, "n/a"],
    [{ metadata: { name: "a" } }, "a"],
  ])("identify %j and are read back", (object, id) => {
    expect(idOf(object)).toBe(id);
    expect({ metadata: Object.fromEntries(Object.entries(parseId(id)).filter(([, part]) => part !== "")) }).toEqual(
      object,
    );
  });
});

describe("annotations", () => {
  it("set the timeout, below the program's own and above ten minutes", () => {
    const object = annotated(annotations.timeoutSeconds, "30");
    expect([timeoutOf(object, 5), timeoutOf(object, undefined), timeoutOf({}, undefined)]).toEqual([
      5_000, 30_000, 600_000,
    ]);
  });

  it("set what becomes of dependents", () => {
    expect(propagationOf({})).toBe("Foreground");
    expect(propagationOf(annotated(annotations.deletionPropagationPolicy, "orphan"))).toBe("Orphan");
    expect(propagationOf(annotated(annotations.deletionPropagationPolicy, "Background"))).toBe("Background");
  });

  it("skip the wait for the deletion of workloads and namespaces alone", () => {
    const object = annotated(annotations.skipAwait, "true");
    expect(skipsDeletionAwait(object, { apiVersion: "apps/v1", kind: "StatefulSet" })).toBe(true);
    expect(skipsDeletionAwait(object, { apiVersion: "v1", kind: "Service" })).toBe(false);
    expect(skipsDeletionAwait({}, { apiVersion: "apps/v1", kind: "StatefulSet" })).toBe(false);
  });
});

describe("spelling of schema extensions", () => {
  it("is the API's on the wire and the program's in the state, at every depth", () => {
    const program = { spec: { list: [{ x_kubernetes_preserve_unknown_fields: true, x_other_key: 1 }] } };
    const api = { spec: { list: [{ "x-kubernetes-preserve-unknown-fields": true, x_other_key: 1 }] } };
    expect(inApiSpelling(program)).toEqual(api);
    expect(inProgramSpelling(api)).toEqual(program);
  });
});

describe("data of Secrets", () => {
  const secret = { apiVersion: "v1", kind: "Secret", data: { a: "YQ==", b: "Yg==" }, stringData: { b: "ü" } };

  it("has text over encoded data, as the server does", () => {
    expect(withEncodedData(secret)).toEqual({ apiVersion: "v1", kind: "Secret", data: { a: "YQ==", b: "w7w=" } });
  });

  it("is decoded for the keys the program gave as text", () => {
    expect(withDecodedData({ data: { a: "YQ==", b: "w7w=" } }, secret)["stringData"]).toEqual({ b: "ü" });
  });

  it("is only that of Secrets", () => {
    const other = { apiVersion: "example.com/v1", kind: "Secret", stringData: { a: "b" } };
    expect(withEncodedData(other)).toBe(other);
  });
});

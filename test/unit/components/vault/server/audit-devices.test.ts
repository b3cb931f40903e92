import * as vault from "@pulumi/vault";
import { expect, test } from "vitest";
import { AuditDevices } from "../../../../../components/vault/server/audit-devices.ts";
import { record } from "../../../../../graph/recorder.ts";

const auditType = "vault:index/audit:Audit";

const devices = async (file: boolean) => {
  const recording = await record(
    () => new AuditDevices("audit", { file }, { provider: new vault.Provider("vault", { address: "http://v.test" }) }),
  );
  return recording.resources.filter(({ type }) => type === auditType).map(({ name, inputs }) => ({ name, ...inputs }));
};

test("a server with an audit volume has two devices", async () => {
  expect(await devices(true)).toEqual([
    { name: "audit-file", type: "file", path: "file", options: { file_path: "/vault/logs/audit.log" } },
    { name: "audit-stdout", type: "file", path: "stdout", options: { file_path: "stdout" } },
  ]);
});

test("a server without one writes to its standard output only", async () => {
  expect((await devices(false)).map(({ name }) => name)).toEqual(["audit-stdout"]);
});

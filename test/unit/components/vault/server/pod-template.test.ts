import { describe, expect, test } from "vitest";
import { renderPodTemplate, type PodTemplateArgs } from "../../../../../components/vault/server/pod-template.ts";
import { topologyFacts } from "../../../../../components/vault/server/topology.ts";

const place = { name: "vault", namespace: "vault" };
const args: PodTemplateArgs = {
  facts: topologyFacts({ kind: "standalone", storageSize: "10Gi" }, place),
  image: "hashicorp/vault:1.21.0",
  resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { cpu: "1", memory: "512Mi" } },
  serviceAccount: "vault",
  configMap: "vault-config-12345678",
  sealing: { seal: { kind: "shamir" }, previousSeal: null },
  devTokenSecret: null,
  certificate: null,
};
const dev: PodTemplateArgs = {
  ...args,
  facts: topologyFacts({ kind: "in-memory" }, place),
  configMap: null,
  devTokenSecret: "vault-dev-token",
};

const cluster: PodTemplateArgs = {
  ...args,
  facts: topologyFacts({ kind: "raft", nodes: 3, storageSize: "10Gi" }, place),
  certificate: { secret: "vault-tls", authoritySecret: "vault-tls-ca" },
};

describe("the pods of a Vault", () => {
  test.each([
    ["standalone", args],
    ["dev", dev],
  ])("of kind %s run without any privilege on a read-only file system", (_, given) => {
    expect(renderPodTemplate(given)).toMatchObject({
      spec: {
        securityContext: { runAsNonRoot: true, runAsUser: 100, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          {
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ["ALL"] },
            },
          },
        ],
      },
    });
  });

  test("receive requests only when active, and restart for no seal", () => {
    const { containers } = renderPodTemplate(args).spec as { containers: unknown };
    expect(containers).toMatchObject([
      {
        readinessProbe: { httpGet: { path: "/v1/sys/health" } },
        livenessProbe: { httpGet: { path: expect.stringContaining("sealedcode=204&uninitcode=204") as string } },
      },
    ]);
  });

  test("write their data and audit log to volumes", () => {
    expect(JSON.stringify(renderPodTemplate(args))).toContain('{"name":"audit","mountPath":"/vault/logs"}');
    expect(JSON.stringify(renderPodTemplate(args))).toContain('{"name":"data","mountPath":"/vault/data"}');
  });

  test("of a cluster have room for the temporary file that restoring a snapshot takes, and others do not", () => {
    const scratch = '{"name":"scratch","mountPath":"/tmp"}';
    expect(JSON.stringify(renderPodTemplate(cluster))).toContain(scratch);
    expect(JSON.stringify(renderPodTemplate(args))).not.toContain(scratch);
  });

  test("keep the development server's token out of the process arguments", () => {
    const text = JSON.stringify(renderPodTemplate(dev));
    expect(text).not.toContain("dev-root-token-id");
    expect(text).toContain('"secretKeyRef":{"name":"vault-dev-token","key":"token"}');
  });
});

describe("the pods of a Vault with a certificate", () => {
  const { spec } = renderPodTemplate(cluster) as { spec: { containers: Container[]; volumes: object[] } };
  const [vault, reload] = spec.containers;

  interface Container {
    readonly name: string;
    readonly image: string;
    readonly command: string[];
    readonly securityContext: object;
    readonly volumeMounts: { name: string; mountPath: string }[];
  }

  test("share their processes with a container that has as little right as Vault, and its image", () => {
    expect(spec).toMatchObject({ shareProcessNamespace: true, containers: [{ name: "vault" }, {}] });
    expect(reload?.image).toBe(vault?.image);
    expect(reload?.securityContext).toEqual(vault?.securityContext);
  });

  test("give that container the certificate alone, and no token of the account", () => {
    expect(spec).toMatchObject({ automountServiceAccountToken: false });
    expect(reload?.volumeMounts.map(({ name }) => name)).toEqual(["tls"]);
    expect(vault?.volumeMounts.map(({ name }) => name)).toContain("account");
  });

  test("tell it the very command line of Vault", () => {
    expect(reload?.command.slice(-3)).toEqual(vault?.command);
  });

  test("have certificate and authorities in one folder, wherever they come from", () => {
    expect(JSON.stringify(spec.volumes)).toContain(
      '{"secret":{"name":"vault-tls-ca","items":[{"key":"ca.crt","path":"ca.crt"}]}}',
    );
  });
});

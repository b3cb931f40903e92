import { describe, expect, test, vi } from "vitest";
import { graphOfDev, type Graph, type Scenario } from "../support/graph-of-dev.ts";
import { masked, unknownValue, type RecordedResource } from "../../graph/recorder.ts";

// Each scenario is a process; on a busy machine some take seconds to start.
vi.setConfig({ testTimeout: 60_000 });

const existingPostgres = {
  postgres: JSON.stringify({ kind: "address", host: "db.test", username: "admin" }),
  postgresPassword: "an-admin-password",
};

const scenarios: readonly (readonly [string, Scenario])[] = [
  ["standalone", {}],
  ["standalone, previewed before anything exists", { preview: true, serving: false }],
  ["with the server in memory", { settings: { server: "in-memory" } }],
  ["of three servers", { stack: "ha", serving: false }],
  ["without node ports", { settings: { nodePort: "0", demo: '{"webAppNodePort":0}' } }],
  ["without the demonstration", { settings: { demo: '{"kind":"none"}' } }],
  ["with a Postgres that runs already", { settings: existingPostgres }],
];

const graphs = await Promise.all(
  scenarios.map(async ([name, scenario]) => [name, await graphOfDev(scenario)] as const),
);

const isProvider = ({ type }: RecordedResource) => type.startsWith("pulumi:providers:");
const isDynamic = ({ type }: RecordedResource) => type.startsWith("pulumi-nodejs:");
const isDynamicInVault = ({ type }: RecordedResource) => type.startsWith("pulumi-nodejs:dynamic/vault:");
const isInsideVault = ({ type }: RecordedResource) => type.startsWith("vault:");
const isInsidePostgres = ({ type }: RecordedResource) => type.startsWith("postgresql:");
/** What lives in the state alone. */
const isLocal = ({ type }: RecordedResource) => /^(tls|random):/.test(type);
/** A chart is no object but declares some, which only a plugin knows. */
const isChart = ({ type }: RecordedResource) => type === "kubernetes:helm.sh/v4:Chart";
const isKubernetes = (resource: RecordedResource) => resource.type.startsWith("kubernetes:") && !isChart(resource);
const describeAll = (resources: readonly RecordedResource[]) => resources.map(({ type, name }) => `${type} ${name}`);

describe.each(graphs)("in the stack %s", (_, { resources }) => {
  const names = new Set(resources.map(({ name }) => name));
  const isExisting = resources.some(({ type }) => type === "vaultstack:postgres:ExistingPostgres");

  test("a child's name begins with its parent's, so that a rename carries it along", () => {
    const stray = resources.filter(({ name, parent }) => parent !== "stack" && !name.startsWith(parent));
    expect(describeAll(stray)).toEqual([]);
  });

  test("every component is of this project and every parent is a component", () => {
    const components = resources.filter((resource) => !resource.custom && !isChart(resource));
    expect(components.filter(({ type }) => !/^vaultstack:[a-z]+:[A-Z]\w+$/.test(type))).toEqual([]);
    const parents = new Set([...components.map(({ name }) => name), "stack"]);
    expect(describeAll(resources.filter(({ parent }) => !parents.has(parent)))).toEqual([]);
  });

  test("everything in the cluster, in Vault and in Postgres has an explicit provider", () => {
    const bare = resources.filter(
      (resource) =>
        resource.custom &&
        ![isProvider, isDynamic, isLocal].some((is) => is(resource)) &&
        !names.has(resource.provider),
    );
    expect(describeAll(bare)).toEqual([]);
  });

  test("every object in the cluster carries the recommended labels", () => {
    const unlabelled = resources.filter(isKubernetes).filter(({ inputs }) => {
      const { labels } = inputs["metadata"] as { labels?: Record<string, string> };
      return ["name", "instance", "component", "part-of", "managed-by"].some(
        (label) => labels?.[`app.kubernetes.io/${label}`] === undefined,
      );
    });
    expect(describeAll(unlabelled)).toEqual([]);
  });

  test("every object in the cluster is owned under a name that outlives the state", () => {
    const managers = resources
      .filter(isKubernetes)
      .map(({ inputs }) => JSON.stringify(inputs["metadata"]))
      .filter((metadata) => !metadata.includes('"pulumi.com/patchFieldManager":"vaultstack-'));
    expect(managers).toEqual([]);
  });

  test("everything inside Vault goes with the namespace that holds its volume", () => {
    const stray = resources.filter(
      (resource) =>
        (isInsideVault(resource) || isDynamicInVault(resource)) && resource.deletedWith !== "vault-namespace",
    );
    // What was issued in a server that stays is taken away in any case.
    expect(describeAll(stray.filter(({ type }) => !isExisting || !type.endsWith(":RoleLeases")))).toEqual([]);
  });

  test("everything inside Postgres goes with the namespace that holds its volume, or is taken away by itself", () => {
    const inside = resources.filter(isInsidePostgres);
    const owners = new Set(inside.map(({ deletedWith }) => deletedWith));
    const expected = isExisting ? "" : "postgres-namespace";
    expect(owners).toEqual(new Set([expected]));
  });

  test("everything inside Vault comes after the audit devices", () => {
    const unrecorded = resources.filter(
      (resource) =>
        isInsideVault(resource) && !resource.type.endsWith(":Audit") && !resource.dependencies.includes("audit-stdout"),
    );
    expect(describeAll(unrecorded)).toEqual([]);
  });

  test("no secret stands in plain text", () => {
    const text = JSON.stringify(resources);
    const secrets = [
      ...["static-password", "PGP PRIVATE KEY", "a-role-id", "a-secret-id"],
      ...["postgres-password-result", "postgres-key-private-key", "an-admin-password", "a-tls-private-key"],
    ];
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  });

  test("nothing is drawn by a resource whose id, which stands in the state in plain text, is its value", () => {
    const telling = resources.filter(({ type }) => /^random:index\/random(Bytes|Id|String|Uuid)/.test(type));
    expect(describeAll(telling)).toEqual([]);
  });

  test("every role names policies that the stack writes, and no wildcard", () => {
    const written = resources
      .filter(({ type }) => type === "vault:index/policy:Policy")
      .map(({ inputs }) => inputs["name"]);
    const roles = resources.filter(({ type }) => type.endsWith(":AuthBackendRole")).map(({ inputs }) => inputs);
    expect(roles.length).toBeGreaterThan(0);
    for (const role of roles) {
      const policies = role["tokenPolicies"] as unknown[] | string;
      if (policies !== unknownValue) expect(written).toEqual(expect.arrayContaining(policies as unknown[]));
      expect(JSON.stringify([role["boundServiceAccountNames"], role["boundServiceAccountNamespaces"]])).not.toContain(
        "*",
      );
      expect(role["audience"]).toEqual(expect.stringMatching(/./));
    }
  });

  test("every pod is unprivileged, read-only and limited", () => {
    const workloads = resources.filter(({ type }) => /:(StatefulSet|Deployment)$/.test(type));
    expect(workloads.length).toBeGreaterThan(0);
    for (const { inputs } of workloads) {
      const { spec } = (inputs["spec"] as { template: { spec: Record<string, unknown> } }).template;
      expect(spec["securityContext"]).toMatchObject({
        runAsNonRoot: true,
        runAsUser: expect.any(Number) as number,
        seccompProfile: { type: "RuntimeDefault" },
      });
      const containers = [spec["containers"], spec["initContainers"] ?? []] as Record<string, unknown>[][];
      for (const container of containers.flat()) {
        expect(container).toMatchObject({
          image: expect.not.stringMatching(/:latest$/) as string,
          resources: {
            requests: { cpu: expect.any(String) as string },
            limits: { memory: expect.any(String) as string },
          },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
        });
      }
    }
  });
});

describe("the provider of Vault", () => {
  const vaultProvider = async (scenario: Scenario) => {
    const graph = await graphOfDev(scenario);
    const found = graph.resources.find(({ type }) => type === "pulumi:providers:vault");
    if (found === undefined) throw new Error("there is no provider of Vault");
    return { ...found, log: graph.log };
  };

  test("leaves nothing to the environment that could lead it elsewhere", async () => {
    expect((await vaultProvider({})).inputs).toEqual({
      address: "http://vault.test",
      authLogin: masked,
      maxLeaseTtlSeconds: "7200",
      maxRetries: "10",
      vaultVersionOverride: "1.21.0",
      skipChildToken: "true",
      skipTlsVerify: "false",
    });
  });

  test("is told the version of Vault by a tag that is one, else by the setting, else not at all", async () => {
    const mirrored = "registry.example.com/vault:2024.1-fips";
    expect((await vaultProvider({ settings: { vaultImage: mirrored } })).inputs).not.toHaveProperty(
      "vaultVersionOverride",
    );
    const settings = { vaultImage: mirrored, vaultVersion: "1.20.4+ent" };
    expect((await vaultProvider({ settings })).inputs).toMatchObject({ vaultVersionOverride: "1.20.4+ent" });
  });

  test("knows its address in a preview while Vault serves, so that a pending rollout makes no noise", async () => {
    const { inputs, log } = await vaultProvider({ preview: true });
    expect(inputs["address"]).toBe("http://vault.test");
    expect(log).toBe("");
  });

  test("does not know it in a preview while Vault is sealed, and says why", async () => {
    const { inputs, log } = await vaultProvider({ preview: true, serving: false });
    expect(inputs["address"]).toBe(unknownValue);
    expect(log).toContain("Vault cannot be asked in this preview (it is sealed)");
  });

  test("comes after the login, which comes after the unsealing, serving or not", async () => {
    for (const serving of [true, false]) {
      const { resources }: Graph = await graphOfDev({ serving });
      const dependenciesOf = (name: string) =>
        resources.find((resource) => resource.name === name && resource.custom)?.dependencies;
      expect(dependenciesOf("vault-bootstrap")).toContain("vault-bootstrap-admin");
      expect(dependenciesOf("vault-bootstrap-admin")).toContain("vault-bootstrap-unseal");
      expect(dependenciesOf("vault-bootstrap-unseal")).toContain("vault-bootstrap-init");
      expect(dependenciesOf("vault-bootstrap-init")).toContain("vault");
    }
  });
});

describe("what exists already", () => {
  const adopted = ({ resources }: Graph) =>
    resources.filter(({ adopts }) => adopts !== "").map(({ name, adopts }) => `${name} = ${adopts}`);

  test("is taken over for no run that does not say so", async () => {
    expect(adopted(await graphOfDev())).toEqual([]);
  });

  test("is taken over where Vault or Postgres would refuse a second one: devices, mounts, logins, databases, keys", async () => {
    expect(adopted(await graphOfDev({ settings: { adoptExisting: "true", kvSeeds: "{}" } }))).toEqual([
      "mydb = mydb",
      "demo-db-login = vault",
      "demo-db-mydb-migrator-login = mydb-migrator",
      "mydb-owner = mydb_owner",
      "audit-file = file",
      "audit-stdout = stdout",
      "demo-auth-mount = demo-auth-mount",
      "kubernetes = kubernetes",
      "workloads = workloads",
      "demo-db = demo-db",
      "demo-transit = demo-transit",
      "secret = secret",
      "demo-transit-vso-client-cache = demo-transit/keys/vso-client-cache",
    ]);
  });
});

test("a stack that turns the default provider of certificates off gives each certificate one", async () => {
  const { resources } = await graphOfDev({ stack: "ha", serving: false });
  const certificates = resources.filter(({ type }) => type.startsWith("tls:"));
  expect(describeAll(certificates.filter(({ provider }) => provider !== "authorities"))).toEqual([]);
  expect(certificates.length).toBeGreaterThan(0);
});

describe("where a policy says whom Vault may reach", () => {
  const policies = ({ resources }: Graph) => resources.filter(({ type }) => type.endsWith(":NetworkPolicy"));

  test("the database is allowed before the engine connects to it", async () => {
    const graph = await graphOfDev({ stack: "ha", serving: false });
    const allowed = policies(graph).find(({ name }) => name === "vault-to-database");
    expect(allowed?.dependencies).toContain("vault-service");
    const mount = graph.resources.find(({ type, name }) => type === "vault:index/mount:Mount" && name === "demo-db");
    expect(mount?.dependencies).toContain("vault-to-database");
  });

  test("a database that runs already is allowed by the port that was set", async () => {
    const address = { kind: "address", host: "db.test", username: "admin", port: 6432 };
    const settings = { ...existingPostgres, postgres: JSON.stringify(address) };
    const graph = await graphOfDev({ stack: "ha", serving: false, settings });
    const [allowed] = policies(graph).filter(({ name }) => name === "vault-to-database");
    expect(allowed?.inputs["spec"]).toMatchObject({ egress: [{ ports: [{ port: 6432, protocol: "TCP" }] }] });
  });

  test("the Vault that keeps the root key and the directory of the people are allowed by their ports", async () => {
    const directory = {
      kind: "directory",
      servers: ["ldap.test", "[2001:db8::1]", "ldap2.test:3636"],
      transport: { kind: "ldaps", trust: { kind: "system" } },
      userSearch: { kind: "direct", baseDn: "dc=test" },
      groupSearch: { kind: "search", baseDn: "dc=test" },
      groups: { staff: "reader" },
    };
    const settings = {
      seal: JSON.stringify({ kind: "transit", address: "https://other.test:8300", key: "autounseal" }),
      sealCredentials: JSON.stringify({ VAULT_TOKEN: "a-token" }),
      ldap: JSON.stringify(directory),
    };
    const graph = await graphOfDev({ stack: "ha", serving: false, settings });
    const ports = (name: string) =>
      JSON.stringify(policies(graph).find((policy) => policy.name === name)?.inputs["spec"]).match(/"port":\d+/g);
    expect(ports("vault-to-seal")).toEqual(['"port":8300']);
    expect(ports("vault-to-directory")).toEqual(['"port":636', '"port":3636']);
  });

  test("the metadata server is allowed to a seal that logs in by Google's workload identity (C3)", async () => {
    const credentials = { kind: "workloadIdentity", serviceAccount: "vault@acme-prod.iam.gserviceaccount.com" };
    const place = { project: "acme-prod", region: "global", keyRing: "vault", cryptoKey: "unseal" };
    const settings = { seal: JSON.stringify({ kind: "gcpckms", ...place, credentials }) };
    const graph = await graphOfDev({ stack: "ha", serving: false, settings });
    const allowed = policies(graph).find(({ name }) => name === "vault-to-seal")?.inputs["spec"];
    const ports = [80, 988, 8080].map((port) => ({ port, protocol: "TCP" }));
    const to = [{ ipBlock: { cidr: "169.254.169.254/32" } }];
    expect(allowed).toMatchObject({ egress: expect.arrayContaining([{ to, ports }]) as unknown });
  });

  test("ports that are set, and who else is named, stand in it", async () => {
    const egress = [{ cidr: "10.1.0.0/16", ports: [9200] }];
    const networkPolicy = JSON.stringify({ kind: "enforced", dnsPorts: [10053], apiServerPorts: [16443], egress });
    const made = policies(await graphOfDev({ stack: "ha", serving: false, settings: { networkPolicy } }));
    const spec = (name: string) => JSON.stringify(made.find((policy) => policy.name === name)?.inputs["spec"]);
    expect(spec("vault-network-policy").match(/"port":\d+/g)).toEqual(
      [8200, 8201, 10053, 10053, 16443, 8200, 8201].map((port) => `"port":${port}`),
    );
    expect(spec("vault-to-others")).toContain('{"ipBlock":{"cidr":"10.1.0.0/16"}}');
  });

  test("that is to be none is none, for the servers and for whom they reach", async () => {
    const settings = { networkPolicy: JSON.stringify({ kind: "none" }) };
    expect(policies(await graphOfDev({ stack: "ha", serving: false, settings }))).toEqual([]);
  });

  test("where none does, none is made: it would forbid all that it does not name", async () => {
    expect(policies(await graphOfDev())).toEqual([]);
  });
});

test("a hostile environment changes nothing in the graph", async () => {
  const hostile = {
    KUBECONFIG: "/elsewhere/kubeconfig",
    VAULT_ADDR: "http://elsewhere.test",
    VAULT_TOKEN: "somebody-elses-token",
    VAULT_NAMESPACE: "elsewhere",
    VAULT_SKIP_VERIFY: "true",
    VAULT_MAX_RETRIES: "0",
    TERRAFORM_VAULT_MAX_TTL: "1",
    PULUMI_K8S_DELETE_UNREACHABLE: "true",
    PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE: "true",
    PULUMI_K8S_ENABLE_SECRET_MUTABLE: "true",
    PULUMI_K8S_ENABLE_PATCH_FORCE: "true",
    PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY: "false",
  };
  expect(await graphOfDev({}, hostile)).toEqual(await graphOfDev());
});

describe("a dynamic resource", () => {
  test("stores the text of its methods only: no path of a machine, no value of the program", async () => {
    const { resources } = await graphOfDev();
    const codes = resources.filter(isDynamic).map(({ inputs }) => inputs["__provider"] as string);
    expect(codes).toHaveLength(23);
    for (const code of codes) {
      expect(code.length).toBeLessThan(4_096);
      expect(code).not.toMatch(/\/home\/|\/root\/|\/usr\/|PGP|test-context/);
    }
  });
});

import { createHash, randomBytes } from "node:crypto";
import { ensureImage } from "../../sandbox/images/import.ts";
import { directoryRecipe } from "../../sandbox/images/recipes.ts";
import { eventually, type LiveStack } from "./live-stack.ts";
import { makeTlsPair } from "./tls-pair.ts";

const suffix = "dc=example,dc=com";

/** Where people are. */
export const usersDn = `ou=users,${suffix}`;

/** Where groups are. */
export const groupsDn = `ou=groups,${suffix}`;

/** The only account that may search. */
export const bindDn = `cn=vault,${suffix}`;

/** What a directory starts with. */
export interface DirectoryContent {
  /** Password of {@link bindDn}. */
  readonly bindPassword: string;
  /** Passwords of people by login name. */
  readonly users: Readonly<Record<string, string>>;
  /** Login names of members by group. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

/** A real directory server (Debian's OpenLDAP) in a namespace of the sandbox, with TLS. It forgets all with its pod. */
export class LdapDirectory {
  /** Host name inside the cluster. */
  public readonly host: string;
  /** PEM certificate that its own is verified by. */
  public readonly authority: string;
  private readonly stack: LiveStack;
  private readonly namespace: string;

  private constructor(stack: LiveStack, namespace: string, authority: string) {
    this.stack = stack;
    this.namespace = namespace;
    this.host = `ldap.${namespace}.svc`;
    this.authority = authority;
  }

  /** Starts one, after taking away what a killed run of the same test may have left. */
  static async start(stack: LiveStack, namespace: string, content: DirectoryContent): Promise<LdapDirectory> {
    await ensureImage(directoryRecipe, (tool) => {
      throw new Error(`the directory needs no ${tool}`);
    });
    const pair = await makeTlsPair([`ldap.${namespace}.svc`]);
    const directory = new LdapDirectory(stack, namespace, pair.certificate);
    await directory.remove();
    const adminPassword = randomBytes(24).toString("base64url");
    const files = {
      "slapd.conf": serverConfig(adminPassword),
      "content.ldif": contentOf(content),
      "admin-password": adminPassword,
      "tls.crt": pair.certificate,
      "tls.key": pair.key,
    };
    await stack.kubectlWithInput(JSON.stringify(objects(namespace, files)), "apply", "-f", "-");
    await eventually("the directory listens", async () => {
      const ready = ["-n", namespace, "get", "pod", "ldap", "-o", "jsonpath={.status.containerStatuses[0].ready}"];
      return (await stack.kubectl(...ready)) === "true";
    });
    return directory;
  }

  /** Says anew who is in a group. */
  async setMembers(group: string, users: readonly string[]): Promise<void> {
    await this.modify([
      `dn: cn=${group},${groupsDn}`,
      "changetype: modify",
      "replace: member",
      ...memberLines(users),
      "",
    ]);
  }

  /** Gives the account that may search another password. */
  async setBindPassword(password: string): Promise<void> {
    const hash = `userPassword: ${hashed(password)}`;
    await this.modify([`dn: ${bindDn}`, "changetype: modify", "replace: userPassword", hash, ""]);
  }

  /** Takes it away. */
  async remove(): Promise<void> {
    await this.stack.kubectl("delete", "namespace", this.namespace, "--ignore-not-found", "--wait");
  }

  private async modify(lines: readonly string[]): Promise<void> {
    const asAdmin = ["-x", "-H", "ldap://127.0.0.1:1389", "-D", `cn=admin,${suffix}`, "-y", "/config/admin-password"];
    const inPod = ["-n", this.namespace, "exec", "--stdin", "ldap", "-c", "slapd", "--"];
    await this.stack.kubectlWithInput(`${lines.join("\n")}\n`, ...inPod, "/usr/bin/ldapmodify", ...asAdmin);
  }
}

function serverConfig(adminPassword: string): string {
  return [
    ...["core", "cosine", "inetorgperson"].map((name) => `include /etc/ldap/schema/${name}.schema`),
    "modulepath /usr/lib/ldap",
    "moduleload back_mdb.so",
    "pidfile /run/slapd/slapd.pid",
    "TLSCertificateFile /config/tls.crt",
    "TLSCertificateKeyFile /config/tls.key",
    "database mdb",
    "maxsize 10485760",
    `suffix "${suffix}"`,
    `rootdn "cn=admin,${suffix}"`,
    `rootpw ${hashed(adminPassword)}`,
    "directory /var/lib/ldap",
    "access to attrs=userPassword by anonymous auth by * none",
    `access to * by dn.exact="${bindDn}" read by * none`,
    "",
  ].join("\n");
}

function contentOf({ bindPassword, users, groups }: DirectoryContent): string {
  const unit = (dn: string): string[] => [`dn: ${dn}`, "objectClass: organizationalUnit", ""];
  return [
    ...[`dn: ${suffix}`, "objectClass: dcObject", "objectClass: organization", "o: Example", ""],
    ...unit(usersDn),
    ...unit(groupsDn),
    ...[`dn: ${bindDn}`, "objectClass: organizationalRole", "objectClass: simpleSecurityObject"],
    ...[`userPassword: ${hashed(bindPassword)}`, ""],
    ...Object.entries(users).flatMap(([user, password]) => [
      ...[`dn: uid=${user},${usersDn}`, "objectClass: inetOrgPerson", `cn: ${user}`, `sn: ${user}`],
      ...[`userPassword: ${hashed(password)}`, ""],
    ]),
    ...Object.entries(groups).flatMap(([group, members]) => [
      ...[`dn: cn=${group},${groupsDn}`, "objectClass: groupOfNames", ...memberLines(members), ""],
    ]),
  ].join("\n");
}

/** A group must have a member; the administrator is one of each and never logs in to Vault. */
function memberLines(users: readonly string[]): string[] {
  return [`member: cn=admin,${suffix}`, ...users.map((user) => `member: uid=${user},${usersDn}`)];
}

function hashed(password: string): string {
  const salt = randomBytes(8);
  const digest = createHash("sha1").update(password).update(salt).digest();
  return `{SSHA}${Buffer.concat([digest, salt]).toString("base64")}`;
}

function objects(namespace: string, files: Readonly<Record<string, string>>): object {
  const labels = { app: "ldap" };
  const metadata = { name: "ldap", namespace, labels };
  const container = {
    image: directoryRecipe.name,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [
      { name: "config", mountPath: "/config" },
      { name: "data", mountPath: "/var/lib/ldap" },
      { name: "run", mountPath: "/run/slapd" },
    ],
  };
  const { uid } = directoryRecipe.account;
  const spec = {
    terminationGracePeriodSeconds: 1,
    automountServiceAccountToken: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: uid,
      runAsGroup: uid,
      fsGroup: uid,
      seccompProfile: { type: "RuntimeDefault" },
    },
    initContainers: [
      {
        ...container,
        name: "content",
        command: ["/usr/sbin/slapadd", "-f", "/config/slapd.conf", "-l", "/config/content.ldif"],
      },
    ],
    containers: [
      {
        ...container,
        name: "slapd",
        command: ["/usr/sbin/slapd", "-f", "/config/slapd.conf", "-d", "0"],
        args: ["-h", "ldap://0.0.0.0:1389/ ldaps://0.0.0.0:1636/"],
        readinessProbe: { tcpSocket: { port: 1636 }, periodSeconds: 1 },
      },
    ],
    volumes: [
      { name: "config", secret: { secretName: "ldap" } },
      { name: "data", emptyDir: {} },
      { name: "run", emptyDir: {} },
    ],
  };
  return {
    apiVersion: "v1",
    kind: "List",
    items: [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
      { apiVersion: "v1", kind: "Secret", metadata, stringData: files },
      {
        apiVersion: "v1",
        kind: "Service",
        metadata,
        spec: {
          selector: labels,
          ports: [
            { name: "ldap", port: 389, targetPort: 1389 },
            { name: "ldaps", port: 636, targetPort: 1636 },
          ],
        },
      },
      { apiVersion: "v1", kind: "Pod", metadata, spec },
    ],
  };
}

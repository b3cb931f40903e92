import * as pulumi from "@pulumi/pulumi";
import type * as vault from "@pulumi/vault";
import { fault, hidden } from "../../../shared/errors.ts";
import { isAddress, isDnsName, parseUrl } from "../../../shared/host.ts";
import { isAttributeType, isDistinguishedName } from "./ldap-name.ts";

/** How the certificate of a directory server is verified. */
export type LdapTrust =
  | {
      /** By the authorities of Vault's own image. */
      readonly kind: "system";
    }
  | {
      /** By this authority alone. */
      readonly kind: "authority";
      /** One PEM certificate. */
      readonly certificate: pulumi.Input<string>;
    }
  | {
      /** Not at all: whoever answers in the server's place gets every password. For trying things out only. */
      readonly kind: "unverified";
    };

/** How Vault connects to the directory. */
export type LdapTransport =
  | {
      /** TLS from the first byte; port 636 unless the server gives another. */
      readonly kind: "ldaps";
      readonly trust: LdapTrust;
    }
  | {
      /** TLS before the first password, on the plain port; 389 unless the server gives another. */
      readonly kind: "starttls";
      readonly trust: LdapTrust;
    }
  | {
      /** Without TLS: every password of every login can be read on the network. */
      readonly kind: "plaintext";
    };

/** How the entry of whoever logs in is found. */
export type LdapUserSearch =
  | {
      /** Vault looks it up with an account of its own. */
      readonly kind: "bound";
      /**
       * Distinguished name of Vault's account, or `<name>@<domain>` as Active Directory accepts it; the account only
       * needs the right to search.
       */
      readonly bindDn: string;
      /** Password of that account; secret. Vault never returns it. */
      readonly bindPassword: pulumi.Output<string>;
      /** Distinguished name below which the users are. */
      readonly baseDn: string;
      /** Attribute that holds the login name. @default "uid" */
      readonly attribute?: string;
      /** Filter with `{{.UserAttr}}` and `{{.Username}}`, to admit only some. @default - whoever has the attribute */
      readonly filter?: string;
    }
  | {
      /** Vault looks it up without an account. */
      readonly kind: "anonymous";
      readonly baseDn: string;
      /** @default "uid" */
      readonly attribute?: string;
      readonly filter?: string;
    }
  | {
      /** No lookup: the entry is `<attribute>=<login name>,<baseDn>`. */
      readonly kind: "direct";
      readonly baseDn: string;
      /** @default "uid" */
      readonly attribute?: string;
    }
  | {
      /** Active Directory: users bind as `<login name>@<domain>`. */
      readonly kind: "userPrincipal";
      readonly domain: string;
      readonly baseDn: string;
    };

/** How the groups of whoever logged in are found. */
export type LdapGroupSearch =
  | {
      readonly kind: "search";
      /** Distinguished name below which the groups are. */
      readonly baseDn: string;
      /** Attribute that holds a group's name. @default "cn" */
      readonly attribute?: string;
      /**
       * Filter with `{{.UserDN}}` and `{{.Username}}`.
       * @default - groups that list the user as member, uniqueMember or memberUid
       */
      readonly filter?: string;
    }
  | {
      /** Active Directory's own list of the user's security groups, nested ones included. */
      readonly kind: "tokenGroups";
      readonly baseDn: string;
    };

/** How Vault reaches a directory and reads it. */
export interface LdapDirectoryArgs {
  /** Servers as `host` or `host:port`, tried in this order. */
  readonly servers: readonly string[];
  readonly transport: LdapTransport;
  readonly userSearch: LdapUserSearch;
  readonly groupSearch: LdapGroupSearch;
}

/** The settings of Vault's login method that a directory determines. */
type DirectoryConfig = Pick<
  vault.ldap.AuthBackendArgs,
  | "binddn"
  | "bindpass"
  | "certificate"
  | "denyNullBind"
  | "discoverdn"
  | "groupattr"
  | "groupdn"
  | "groupfilter"
  | "insecureTls"
  | "starttls"
  | "tlsMaxVersion"
  | "tlsMinVersion"
  | "upndomain"
  | "useTokenGroups"
  | "userattr"
  | "userdn"
  | "userfilter"
> & { readonly url: string };

/** Vault's own default, set explicitly, so that a filter removed from the program is also removed in Vault. */
const anyUser = "({{.UserAttr}}={{.Username}})";
const anyMembership = "(|(memberUid={{.Username}})(member={{.UserDN}})(uniqueMember={{.UserDN}}))";

/**
 * Renders a directory as settings of Vault's login method. Everything is set explicitly: an update would keep whatever
 * it leaves out.
 * @param args The directory; check it with {@link ldapDirectoryFaults}.
 * @returns Settings of the login method.
 */
export function ldapConfig({ servers, transport, userSearch, groupSearch }: LdapDirectoryArgs): DirectoryConfig {
  const scheme = transport.kind === "ldaps" ? "ldaps" : "ldap";
  const trust = transport.kind === "plaintext" ? null : transport.trust;
  return {
    // Vault stores it in lower case.
    url: servers.map((server) => `${scheme}://${server.toLowerCase()}`).join(","),
    starttls: transport.kind === "starttls",
    insecureTls: trust?.kind === "unverified",
    certificate: trust?.kind === "authority" ? trust.certificate : "",
    tlsMinVersion: "tls12",
    // Vault's default is the minimum.
    tlsMaxVersion: "tls13",
    // A directory treats a login without a password as an anonymous one, and lets it in.
    denyNullBind: true,
    ...userConfig(userSearch),
    groupdn: groupSearch.baseDn,
    groupattr: groupSearch.kind === "search" ? (groupSearch.attribute ?? "cn") : "cn",
    groupfilter: groupSearch.kind === "search" ? (groupSearch.filter ?? anyMembership) : anyMembership,
    useTokenGroups: groupSearch.kind === "tokenGroups",
  };
}

function userConfig(search: LdapUserSearch) {
  const isFiltered = search.kind === "bound" || search.kind === "anonymous";
  return {
    userdn: search.baseDn,
    userattr: search.kind === "userPrincipal" ? "userprincipalname" : (search.attribute ?? "uid").toLowerCase(),
    userfilter: isFiltered ? (search.filter ?? anyUser) : anyUser,
    discoverdn: search.kind === "anonymous",
    upndomain: search.kind === "userPrincipal" ? search.domain : "",
    binddn: search.kind === "bound" ? search.bindDn : "",
    bindpass: search.kind === "bound" ? pulumi.secret(search.bindPassword) : "",
  };
}

/**
 * Ports that the servers of a directory listen on.
 * @returns One port for each server.
 */
export function directoryPorts({ servers, transport }: LdapDirectoryArgs): number[] {
  return servers.map((server) => Number(/:(\d{1,5})$/.exec(server)?.[1] ?? (transport.kind === "ldaps" ? 636 : 389)));
}

/** Every fault of a directory's description. */
export function ldapDirectoryFaults({ servers, userSearch, groupSearch }: LdapDirectoryArgs): string[] {
  const none =
    servers.length === 0
      ? [fault("servers", "must name at least one", servers, "name the directory as ldap.example.com")]
      : [];
  return [
    ...none,
    ...servers.flatMap((server, index) => serverFaults(`servers[${index}]`, server)),
    ...dnFaults("userSearch.baseDn", userSearch.baseDn),
    ...userFaults(userSearch),
    ...dnFaults("groupSearch.baseDn", groupSearch.baseDn),
    ...(groupSearch.kind === "search"
      ? [
          ...attributeFaults("groupSearch.attribute", groupSearch.attribute),
          ...filterFaults("groupSearch.filter", groupSearch.filter, ["{{.UserDN}}", "{{.Username}}"]),
        ]
      : []),
  ];
}

function userFaults(search: LdapUserSearch): string[] {
  switch (search.kind) {
    case "bound":
      return [
        ...bindNameFaults("userSearch.bindDn", search.bindDn),
        ...attributeFaults("userSearch.attribute", search.attribute),
        ...filterFaults("userSearch.filter", search.filter, ["{{.Username}}"]),
      ];
    case "anonymous":
      return [
        ...attributeFaults("userSearch.attribute", search.attribute),
        ...filterFaults("userSearch.filter", search.filter, ["{{.Username}}"]),
      ];
    case "direct":
      return attributeFaults("userSearch.attribute", search.attribute);
    case "userPrincipal": {
      if (isDnsName(search.domain)) return [];
      return [fault("userSearch.domain", "must be a domain", search.domain, "write it as example.com")];
    }
  }
}

function serverFaults(at: string, server: string): string[] {
  const parts = parseUrl(`ldap://${server}`);
  if (parts !== null && parts.path === "" && parts.query === "") return [];
  const remedy = isAddress(server)
    ? "put the address into brackets"
    : "leave out ldap:// and what follows the port, and write an IPv6 address in brackets";
  // Not shown: people put credentials into addresses.
  return [fault(at, "must be a host with at most a port", hidden, remedy)];
}

function dnFaults(at: string, name: string): string[] {
  if (isDistinguishedName(name)) return [];
  return [fault(at, "must be a distinguished name", name, "write it as ou=people,dc=example,dc=com")];
}

/** Active Directory also accepts names such as `<domain>\<name>` and `<name>@<domain>`. */
function bindNameFaults(at: string, name: string): string[] {
  const [, user = "", domain = ""] = /^([^\s@\\"]+)@([^@]+)$/.exec(name) ?? [];
  const isShort = /^[A-Za-z0-9][A-Za-z0-9.-]*\\[^\s@\\"/:;|=,+*?<>[\]]+$/.test(name);
  return isShort || (user !== "" && isDnsName(domain)) ? [] : dnFaults(at, name);
}

function attributeFaults(at: string, attribute: string | undefined): string[] {
  if (attribute === undefined || isAttributeType(attribute)) return [];
  return [fault(at, "must be the name of an attribute", attribute, "use letters, digits and dashes, such as uid")];
}

/** A filter that does not mention the user would match everybody's entry, or everybody's groups. */
function filterFaults(at: string, filter: string | undefined, placeholders: readonly string[]): string[] {
  if (filter === undefined) return [];
  const faults: string[] = [];
  // These are Go templates, which may have spaces and trim markers.
  const mentioned = filter.replaceAll(/\{\{-?\s*(\.\w+)\s*-?\}\}/g, "{{$1}}");
  if (!placeholders.some((placeholder) => mentioned.includes(placeholder))) {
    faults.push(
      fault(at, `must mention ${placeholders.join(" or ")}`, filter, "without it the filter finds everybody"),
    );
  }
  if (!isBalanced(filter)) {
    faults.push(fault(at, "must be one filter in brackets", filter, "write it as (&(objectClass=person)(…))"));
  }
  return faults;
}

function isBalanced(filter: string): boolean {
  let depth = 0;
  for (const [index, character] of Array.from(filter).entries()) {
    if (character === "(") depth += 1;
    if (character === ")") depth -= 1;
    // The first parenthesis must be closed by the last one.
    if (depth <= 0 && index < filter.length - 1) return false;
  }
  return depth === 0 && filter.startsWith("(");
}

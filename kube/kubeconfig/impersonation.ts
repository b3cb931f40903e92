import { isText, type UserEntry } from "./kubeconfig-file.ts";

/**
 * The headers by which a user of a kubeconfig acts as somebody else: all that it says, or what is made by the official plugin
 * would be made by another than what is made here.
 * @returns The headers; those with several values are sent once for each.
 */
export function impersonationHeaders(user: UserEntry): Record<string, string | string[]> {
  if (!isText(user.as)) return {};
  const extra = Object.entries(user["as-user-extra"] ?? {}).filter(([, values]) => (values ?? []).length > 0);
  const groups = user["as-groups"] ?? [];
  return {
    "Impersonate-User": user.as,
    ...(isText(user["as-uid"]) && { "Impersonate-Uid": user["as-uid"] }),
    ...(groups.length > 0 && { "Impersonate-Group": [...groups] }),
    ...Object.fromEntries(extra.map(([key, values]) => [`Impersonate-Extra-${escaped(key)}`, [...(values ?? [])]])),
  };
}

/** What cannot stand in the name of a header, `/` above all, is sent as the API server takes it back. */
function escaped(key: string): string {
  return [...Buffer.from(key)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9!#$&'*+.^_`|~-]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

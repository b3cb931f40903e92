import { isText, type UserEntry } from "./kubeconfig-file.ts";

/**
 * The headers with which a user of a kubeconfig acts as somebody else. All that it says is sent: otherwise the official
 * plugin and this project would act as different users.
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

/** Characters that a header name cannot hold, `/` above all, are escaped in the form that the API server decodes. */
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

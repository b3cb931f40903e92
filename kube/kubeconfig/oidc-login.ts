import type { User } from "@kubernetes/client-node";
import { fault } from "../../shared/errors.ts";
import type { CredentialSource } from "./exec-credential.ts";
import { isText, type UserEntry } from "./kubeconfig-file.ts";

/**
 * The login `oidc` of a kubeconfig, done by the official client, which renews an expired token. Unlike `kubectl`, it
 * does not write a renewed token back: where each renewal invalidates the token before it, use an exec plugin such as
 * kubelogin.
 * @returns Where its tokens come from; null for a user without such a login.
 */
export function oidcLogin(user: UserEntry): CredentialSource | null {
  const provider = user["auth-provider"];
  if (provider === undefined || provider === null) return null;
  const authProvider = { name: "oidc", config: { ...provider.config } };
  const login: User = { name: "oidc", authProvider };
  const opened = import("@kubernetes/client-node/dist/oidc_auth.js").then(
    ({ OpenIDConnectAuth }) => new OpenIDConnectAuth(),
  );
  // Whoever asks for the credential gets the failure; until then nobody handles it.
  opened.catch(() => undefined);
  const credential = async () => {
    const options: { headers: Record<string, string> } = { headers: {} };
    await (await opened).applyAuthentication(login, options);
    const token = options.headers["Authorization"]?.replace(/^Bearer /, "");
    if (isText(token)) return { token };
    const must = "must have an id-token that is good, or a refresh-token with client-id and idp-issuer-url";
    throw new Error(fault("user.auth-provider", must, undefined, "log in anew as you do for kubectl"));
  };
  // It keeps no token longer than it is valid, and the server may well refuse one for another reason.
  return { credential, forget: () => undefined };
}

import type { User } from "@kubernetes/client-node";
import { fault } from "../../shared/errors.ts";
import type { CredentialSource } from "./exec-credential.ts";
import { isText, type UserEntry } from "./kubeconfig-file.ts";

/**
 * The login `oidc` of a kubeconfig, by the official client, which renews a token that has ended. Unlike `kubectl`, it writes
 * none back: where each renewal ends the token before it, use an exec plugin such as kubelogin.
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
  // Whoever asks hears of a failure; until then it is nobody's.
  opened.catch(() => undefined);
  const credential = async () => {
    const options: { headers: Record<string, string> } = { headers: {} };
    await (await opened).applyAuthentication(login, options);
    const token = options.headers["Authorization"]?.replace(/^Bearer /, "");
    if (isText(token)) return { token };
    const must = "must have an id-token that is good, or a refresh-token with client-id and idp-issuer-url";
    throw new Error(fault("user.auth-provider", must, undefined, "log in anew as you do for kubectl"));
  };
  // It keeps no token longer than that is good, and the server may well refuse one for another reason.
  return { credential, forget: () => undefined };
}

import type { LoginKind } from "../../shared/mount-kind.ts";
import { appRoleKind } from "./app-role-kind.ts";
import { jwtKind } from "./jwt-kind.ts";
import { kubernetesKind } from "./kubernetes-kind.ts";
import { ldapKind } from "./ldap-kind.ts";

/** Every login method there is. Adding one takes a component, its kind, and a line here. */
export const loginKinds: readonly LoginKind[] = [kubernetesKind, appRoleKind, jwtKind, ldapKind];

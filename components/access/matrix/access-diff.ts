import {
  type AccessMatrix,
  type DeclaredCredential,
  type DeclaredLogin,
  loginName,
  rulesOfLogin,
  shown,
  unattachedLogins,
} from "./access-matrix.ts";
import { type GainedAccess, gainedAccess, isLooser } from "./path-pattern.ts";
import type { Wrapping } from "../policy-document.ts";

/** One change to who may do what. */
export interface AccessChange {
  /** Whether somebody may do more or less than before. */
  readonly direction: "wider" | "narrower";
  /** What has changed. */
  readonly kind: "subject" | "path" | "capability" | "limit" | "bound" | "credential";
  /** The change in words, always the same for the same change: an approval repeats it. */
  readonly text: string;
}

/**
 * What a change to the program means for who may do what. Names inside the program do not matter, nor do names of
 * policies: only what a login may do in the end.
 *
 * What cannot be compared (the statements of a database role, for example) counts as wider.
 * @returns The changes, wider ones first; none when everybody may do the same as before.
 */
export function accessChanges(before: AccessMatrix, after: AccessMatrix): AccessChange[] {
  return [...gains(before, after, "wider"), ...credentialChanges(before, after), ...gains(after, before, "narrower")];
}

/** What the second matrix has and the first does not, worded for the direction. */
function gains(less: AccessMatrix, more: AccessMatrix, direction: AccessChange["direction"]): AccessChange[] {
  const loginsOf = (matrix: AccessMatrix): Map<string, DeclaredLogin> =>
    new Map([...matrix.logins, ...unattachedLogins(matrix)].map((login) => [loginName(login), login]));
  const known = loginsOf(less);
  return Array.from(loginsOf(more), ([name, login]) => {
    const other = known.get(name);
    const change = (kind: AccessChange["kind"], text: string): AccessChange => ({
      direction,
      kind,
      text: `${name}: ${text}`,
    });
    return [
      ...subjectGains(other, login).map((subject) =>
        change("subject", `${subject} ${direction === "wider" ? "may log in" : "may no longer log in"}`),
      ),
      ...gainedAccess(other === undefined ? [] : rulesOfLogin(less, other), rulesOfLogin(more, login)).flatMap(
        (gain) => [
          ...(gain.capabilities.length === 0
            ? []
            : [change(gain.before.length === 0 ? "path" : "capability", capabilityText(gain, direction))]),
          ...wrappingTexts(gain, direction).map((text) => change("limit", text)),
        ],
      ),
      // A login that only one side has is described by its subjects; its terms are not a change.
      ...(other === undefined ? [] : boundGains(other, login, direction).map((text) => change("bound", text))),
      ...(other === undefined ? [] : limitGains(other, login, direction).map((text) => change("limit", text))),
    ];
  }).flat();
}

function capabilityText({ path, capabilities, wrapping }: GainedAccess, direction: AccessChange["direction"]): string {
  const how = wrapping?.after == null ? "" : `, wrapped for ${spanOf(wrapping.after)}`;
  return `${direction === "wider" ? "may" : "may no longer"} ${capabilities.join(", ")} ${path}${how}`;
}

/** What was already allowed before, but only with answers wrapped more tightly. */
function wrappingTexts(
  { path, before: allowed, wrapping }: GainedAccess,
  direction: AccessChange["direction"],
): string[] {
  if (allowed.length === 0 || wrapping === undefined) return [];
  const { before, after } = wrapping;
  if (before === null || !isLooser(before, after)) return [];
  const [was, is] = direction === "wider" ? [before, after] : [after, before];
  if (is === null) return [`answers of ${path} need not be wrapped any more`];
  if (was === null) return [`answers of ${path} must be wrapped for ${spanOf(is)} now`];
  return [`answers of ${path} are wrapped for ${spanOf(is)} instead of ${spanOf(was)}`];
}

function spanOf({ min, max }: Wrapping): string {
  return min === max ? min : `${min} to ${max}`;
}

function subjectGains(less: DeclaredLogin | undefined, more: DeclaredLogin): string[] {
  return more.subjects.filter((subject) => less?.subjects.includes(subject) !== true);
}

function boundGains(less: DeclaredLogin, more: DeclaredLogin, direction: AccessChange["direction"]): string[] {
  return Object.entries(less.bounds).flatMap(([bound, values]) => {
    const others = more.bounds[bound];
    if (others === undefined) {
      return [
        `${bound} is ${direction === "wider" ? "not asked for any more" : "asked for now"}: ${values.join(", ")}`,
      ];
    }
    const added = others.filter((value) => !values.includes(value));
    return added.map((value) => `${bound} ${value} is ${direction === "wider" ? "accepted" : "no longer accepted"}`);
  });
}

function limitGains(
  less: Pick<DeclaredLogin, "limits">,
  more: Pick<DeclaredLogin, "limits">,
  direction: AccessChange["direction"],
): string[] {
  return Object.entries(less.limits).flatMap(([limit, value]) => {
    const other = more.limits[limit] ?? Infinity;
    if (other <= value) return [];
    const [from, to] = direction === "wider" ? [value, other] : [other, value];
    return [`${limit} ${direction === "wider" ? "rises" : "falls"} from ${shown(limit, from)} to ${shown(limit, to)}`];
  });
}

/**
 * Changes to what is issued: a shorter limit is narrower; other rights count as wider, since they cannot be compared
 * here.
 */
function credentialChanges(before: AccessMatrix, after: AccessMatrix): AccessChange[] {
  const known = new Map(before.credentials.map((credential) => [credential.path, credential]));
  return after.credentials.flatMap((credential) => {
    const old = known.get(credential.path);
    // What nobody may read is of no use to anybody; who may read it is a change of its own.
    if (old === undefined) return [];
    const change = (direction: AccessChange["direction"], text: string): AccessChange => ({
      direction,
      kind: "credential",
      text: `${credential.path}: ${text}`,
    });
    return [
      ...limitGains(old, credential, "wider").map((text) => change("wider", text)),
      ...limitGains(credential, old, "narrower").map((text) => change("narrower", text)),
      ...changedTerms(old, credential).map((text) => change("wider", text)),
    ];
  });
}

function changedTerms(old: DeclaredCredential, credential: DeclaredCredential): string[] {
  const added = credential.terms.filter((term) => !old.terms.includes(term));
  const removed = old.terms.filter((term) => !credential.terms.includes(term));
  return [
    ...added.map((term) => `what it issues may do otherwise: ${term}`),
    ...(added.length === 0 ? removed : []).map((term) => `what it issues is not bound any more: ${term}`),
  ];
}

import { at, type Place, type ProtocolStop, stop } from "./runbooks.ts";

/** What holders of shares are asked to give them to. */
export type ShareCeremony =
  | { readonly kind: "unseal"; readonly pod: string }
  | { readonly kind: "generate-root"; readonly nonce: string }
  /** Shares of the keys in use, to have new ones made. */
  | { readonly kind: "rekey"; readonly nonce: string }
  /** Shares of the new keys, to show that their holders have them. */
  | { readonly kind: "verify"; readonly nonce: string };

/** Not enough shares can be opened by this stack. */
export function missingShares(
  place: Place,
  ceremony: ShareCeremony,
  missing: number,
  holders: readonly string[],
): ProtocolStop {
  const whose = holders.length > 0 ? `those of the PGP keys ${holders.join(", ")}` : "which nobody known holds";
  return stop("missing-shares", {
    happened: `Vault ${at(place)} needs ${missing} more share${missing === 1 ? "" : "s"} ${purposeOf(ceremony)}, ${whose}. This stack's escrow key opens no more.`,
    untouched: "The shares this stack holds are given already; those of others were not touched.",
    ways: [
      `let that many holders decrypt their shares and give them: ${commandOf(ceremony)}; then run \`up\` again`,
      ...(ceremony.kind === "verify"
        ? []
        : [
            "if the escrow key should open more, put the one the shares were encrypted to back: `pulumi config set --secret escrowPrivateKey`, then run `up` again",
          ]),
    ],
  });
}

function purposeOf(ceremony: ShareCeremony): string {
  switch (ceremony.kind) {
    case "unseal":
      return `to unseal pod ${ceremony.pod}`;
    case "generate-root":
      return "to make a root token, with which this stack's lost login is rebuilt";
    case "rekey":
      return "of the keys in use, to have new keys made";
    case "verify":
      return "of the new keys, to take them into use";
  }
}

function commandOf(ceremony: ShareCeremony): string {
  switch (ceremony.kind) {
    case "unseal":
      return "`vault operator unseal`";
    case "generate-root":
      return `\`vault operator generate-root -nonce=${ceremony.nonce}\`, and whoever is last sets what is shown as encoded token, \`pulumi config set --secret encodedRootToken <encoded token>\``;
    case "rekey":
      return `\`vault operator rekey -nonce=${ceremony.nonce}\``;
    case "verify":
      return `\`vault operator rekey -verify -nonce=${ceremony.nonce}\``;
  }
}

/** The shares in the Secret are not those Vault asks for, while it is still open. */
export function rekeyedElsewhere(place: Place, reason: string, nonce: string): ProtocolStop {
  return stop("rekeyed-elsewhere", {
    happened: `the keys of Vault ${at(place)} were replaced outside this stack: ${reason}. Vault is unsealed now; after its next restart this stack cannot unseal it.`,
    untouched: "A rekey was begun, which changes nothing by itself: the keys in use stay the ones they are.",
    ways: [
      `let whoever replaced the keys give enough of theirs: \`vault operator rekey -nonce=${nonce}\`; then run \`up\` again, which takes the new keys into custody`,
      `if only the Secret ${place.keysSecret} is not the newest, cancel with \`vault operator rekey -cancel -nonce=${nonce}\`, restore the Secret that fits and run \`up\` again`,
    ],
  });
}

/** Somebody else's generate-root or rekey is under way. */
export function foreignOperation(place: Place, operation: string): ProtocolStop {
  return stop("foreign-operation", {
    happened: `a ${operation} that this stack did not start is under way in Vault ${at(place)}.`,
    untouched: "It was not cancelled and nothing was changed.",
    ways: ["let its operator finish or cancel it, then run `up` again"],
  });
}

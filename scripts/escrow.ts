/**
 * `npm run escrow -- <stack>`: makes the key pair to which the stack's Vault encrypts its key shares and puts it into
 * the stack's config, the private half as a secret. For the caller's own stacks; the sandbox's get theirs
 * automatically. With `--replace` a new pair takes the place of the present one, which stays available for the rekey of
 * the next `up`.
 */
import { spawnSync } from "node:child_process";

import { makeEscrowKeyPair } from "./escrow-key.ts";

const [stack, ...rest] = process.argv.slice(2);
const replaces = rest[0] === "--replace" && rest.length === 1;
if (stack === undefined || stack.startsWith("-") || (rest.length > 0 && !replaces)) {
  refuse("the stack: must be the only argument, but for --replace; write it as in: npm run escrow -- ha");
}
if (replaces) {
  keepPresentKey(stack);
} else if (setting(stack, "escrowPublicKey") !== "") {
  // With another key, what Vault has encrypted to the present one could no longer be opened.
  refuse(
    `escrowPublicKey: must not be set yet, got a key in stack ${stack}; keep it, Vault's shares need it, or add --replace`,
  );
}
const pair = await makeEscrowKeyPair(stack);
// The private half first: if the second call fails there is no public key that nobody can decrypt for.
pulumi(["config", "set", "--stack", stack, "--secret", "escrowPrivateKey"], pair.privateKey);
pulumi(["config", "set", "--stack", stack, "escrowPublicKey"], pair.publicKey);
process.stderr.write(
  `the escrow key pair of stack ${stack} is in Pulumi.${stack}.yaml; keep that file in version control\n`,
);

/** Moves the present private key to where the next run still finds it. */
function keepPresentKey(name: string): void {
  if (setting(name, "escrowPreviousPrivateKey") !== "") {
    // A third key would push aside one that shares may still be encrypted to.
    refuse(
      `escrowPreviousPrivateKey: must not be set, got a key in stack ${name}; run \`up\` and remove it with \`pulumi config rm escrowPreviousPrivateKey --stack ${name}\` first`,
    );
  }
  const present = setting(name, "escrowPrivateKey");
  if (present === "") {
    refuse(`escrowPrivateKey: must be set to be replaced, got nothing in stack ${name}; leave out --replace`);
  }
  pulumi(["config", "set", "--stack", name, "--secret", "escrowPreviousPrivateKey"], present);
}

function setting(name: string, key: string): string {
  return pulumi(["config", "get", key, "--stack", name]).trim();
}

/**
 * Runs the caller's own CLI, which says on standard error what is wrong; a value is passed on standard input, so that
 * no list of processes shows it.
 */
function pulumi(args: readonly string[], input = ""): string {
  const { status, stdout, error } = spawnSync("pulumi", [...args, "--non-interactive"], {
    encoding: "utf8",
    input,
    stdio: ["pipe", "pipe", "inherit"],
  });
  if (error) refuse(`pulumi: must be on PATH, got ${error.message}; install the Pulumi CLI`);
  if (status !== 0) process.exit(status ?? 1);
  return stdout;
}

function refuse(fault: string): never {
  process.stderr.write(`${fault}\n`);
  process.exit(2);
}

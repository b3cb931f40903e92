/**
 * `npm run escrow -- <stack>`: makes the key pair to which the stack's Vault encrypts its key shares and puts it into
 * the stack's config, the private half as a secret. For the caller's own stacks; the sandbox's get theirs by themselves.
 */
import { execFileSync } from "node:child_process";

import { z } from "zod";

import { makeEscrowKeyPair } from "./escrow-key.ts";

const [stack, ...rest] = process.argv.slice(2);
process.exitCode =
  stack === undefined || stack.startsWith("-") || rest.length > 0
    ? refuse("the stack: must be the only argument; write it as in: npm run escrow -- ha")
    : await setEscrowKey(stack);

async function setEscrowKey(name: string): Promise<number> {
  const config = z.record(z.string(), z.unknown()).parse(JSON.parse(pulumi(["config", "--json", "--stack", name])));
  if (Object.keys(config).some((key) => key.endsWith(":escrowPublicKey"))) {
    // With another key, what Vault has encrypted to the present one could no longer be opened.
    return refuse(`escrowPublicKey: must not be set yet, got a key in stack ${name}; keep it, Vault's shares need it`);
  }
  const pair = await makeEscrowKeyPair(name);
  pulumi(["config", "set", "--stack", name, "--secret", "escrowPrivateKey"], pair.privateKey);
  pulumi(["config", "set", "--stack", name, "escrowPublicKey"], pair.publicKey);
  process.stderr.write(`escrow key pair of stack ${name} is set; commit Pulumi.${name}.yaml\n`);
  return 0;
}

/** Runs the caller's own CLI; a value goes in by standard input, where no list of processes shows it. */
function pulumi(args: readonly string[], input = ""): string {
  return execFileSync("pulumi", [...args, "--non-interactive"], {
    encoding: "utf8",
    input,
    stdio: ["pipe", "pipe", "inherit"],
  });
}

function refuse(fault: string): number {
  process.stderr.write(`${fault}\n`);
  return 2;
}

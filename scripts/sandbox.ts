/** `npm run sandbox -- <command>`: the disposable cluster of this machine, for the stacks of this project. */
import { runSandbox } from "../sandbox/index.ts";
import { unsafeEnvironmentFaults } from "../shared/unsafe-environment.ts";
import { refuse } from "./refuse.ts";
import { project } from "./sandbox-stack.ts";

const words = process.argv.slice(2);
// Not `env`, with which a shell gets rid of such variables.
const unsafe = words[0] === "env" ? [] : unsafeEnvironmentFaults(process.env);
if (unsafe.length > 0) refuse(unsafe);
process.exitCode = await runSandbox(words, project);

/**
 * Loaded into every Node process of an engine under test by NODE_OPTIONS. Only the one that runs the key protocol's
 * steps publishes any, so it does nothing in the others. It writes each step down and, at the one named by the
 * environment, does what is to go wrong there, before the protocol goes on.
 */
import { execFileSync } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { appendFileSync } from "node:fs";
import { stepChannelName, type StepEvent } from "../../protocol/frame/steps.ts";
import { sameMoment, stepFault } from "./step-fault.ts";

const planned = stepFault(process.env);
let isDone = false;

subscribe(stepChannelName, (message) => {
  const event = message as StepEvent;
  if (planned === null) return;
  appendFileSync(planned.trace, `${JSON.stringify(event)}\n`);
  if (isDone || planned.at === null || !sameMoment(event, planned.at)) return;
  isDone = true;
  const { fault } = planned;
  if (fault.kind === "run") {
    execFileSync("sh", ["-c", fault.script], { stdio: ["ignore", "ignore", "inherit"] });
    return;
  }
  if (fault.whom !== "provider") process.kill(process.ppid, "SIGKILL");
  if (fault.whom !== "engine") process.kill(process.pid, "SIGKILL");
});

import { serveOn } from "../shared/listen.ts";
import { runUntilEnded } from "../shared/run.ts";
import { startOfficial } from "./official-plugin.ts";
import { ReleaseSettings } from "./release-settings.ts";

// The first argument is the binary, the others are the engine's.
const [binary = "", ...args] = process.argv.slice(2);
const env = { ...process.env };
delete env["PULUMI_K8S_ENABLE_PATCH_FORCE"];

const plugin = await ReleaseSettings.before((variables) => startOfficial(binary, args, { ...env, ...variables }));
runUntilEnded(await serveOn(plugin.server), () => {
  plugin.end();
});

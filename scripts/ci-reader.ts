/**
 * `npm run ci:reader -- [stack]`: the Kubernetes account for other people's previews, as YAML for `kubectl apply -f -`:
 * it looks at what the stack has in the cluster, connects to the pods of Vault and Postgres, reads no Secret and
 * changes nothing. Apply it after `up`, since its roles are in the namespaces of the stack.
 */
import { stringify } from "yaml";
import { stackGraph } from "../graph/stack-graph.ts";
import { readerManifests } from "./ci/reader-manifest.ts";
import { refuse } from "./refuse.ts";
import { stackArgument } from "./stack-argument.ts";

const { stack, faults } = stackArgument(process.argv.slice(2));
if (faults.length > 0) refuse(faults);
const { resources } = await stackGraph({ stack }).catch((error: unknown) =>
  refuse([error instanceof Error ? error.message : String(error)]),
);
process.stdout.write(
  readerManifests(resources)
    .map((manifest) => stringify(manifest, { aliasDuplicateObjects: false }))
    .join("---\n"),
);

/**
 * The post-renderer of charts: reads manifests and writes them back with their creation order, and with the name under
 * which their fields are owned.
 *
 * Usage: node order-manifests.ts [<field manager>]
 */
import { text } from "node:stream/consumers";
import { deploymentsAfterRights, ownedBy } from "./manifest-order.ts";

const [, , manager] = process.argv;
const ordered = deploymentsAfterRights(await text(process.stdin));
process.stdout.write(manager === undefined ? ordered : ownedBy(ordered, manager));

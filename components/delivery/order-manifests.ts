/** The post-renderer of charts: reads manifests, and writes them with an order to be made in. */
import { text } from "node:stream/consumers";
import { deploymentsAfterRights } from "./manifest-order.ts";

process.stdout.write(deploymentsAfterRights(await text(process.stdin)));

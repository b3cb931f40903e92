import { existsSync, readFileSync } from "node:fs";
import { request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import { connect } from "node:net";
import { parse } from "yaml";
import { z } from "zod";
import type { Probe } from "./await-condition.ts";
import { apiServerUrl, nodeName } from "./addresses.ts";
import { credential } from "./credentials.ts";

/** A part that answers later than this is not healthy, in milliseconds. */
const patience = 3000;

/**
 * Asks a health endpoint.
 * @param url Its address; with https, the server must show a certificate of the cluster's authority.
 * @returns A probe that is content with status 200.
 */
export function answers(url: string): Probe {
  return async () => {
    const response = await fetchStatus(url);
    return response.status === 200 ? undefined : response.reason;
  };
}

/**
 * Asks whether a socket accepts connections.
 * @param path Path of a Unix socket.
 */
export function accepts(path: string): Probe {
  return () =>
    new Promise((resolve) => {
      if (!existsSync(path)) {
        resolve(`${path} does not exist`);
        return;
      }
      const socket = connect(path, () => {
        socket.destroy();
        resolve(undefined);
      });
      socket.on("error", (error) => {
        resolve(error.message);
      });
    });
}

/** Whether the API server serves everything, including its default roles. */
export const apiServerReady: Probe = answers(`${apiServerUrl}/readyz`);

/**
 * Whether the kubelet has said that it can run pods.
 * @param since When the kubelet was started; what it said before does not count.
 * @returns The reason why not, or undefined.
 */
export async function nodeReady(since: Date): Promise<string | undefined> {
  const response = await fetchStatus(`${apiServerUrl}/api/v1/nodes/${nodeName}`);
  if (response.status !== 200) return response.reason;
  const { conditions } = nodeSchema.parse(JSON.parse(response.body)).status;
  const ready = conditions.find((condition) => condition.type === "Ready");
  if (ready === undefined || !isLaterThan(ready.lastHeartbeatTime, since)) return "the kubelet has not reported yet";
  return ready.status === "True" ? undefined : ready.message;
}

const nodeSchema = z.object({
  status: z.object({
    conditions: z.array(
      z.object({ type: z.string(), status: z.string(), message: z.string(), lastHeartbeatTime: z.string() }),
    ),
  }),
});

/**
 * Whether the kubelet has looked after every pod since its containers were killed. Until then the API server goes on
 * telling what was true before, and a deployment would take dead pods for ready ones.
 * @param time When the containers were killed.
 */
export function podsStartedSince(time: Date): Probe {
  return async () => {
    const response = await fetchStatus(`${apiServerUrl}/api/v1/pods`);
    if (response.status !== 200) return response.reason;
    const pods = podsSchema.parse(JSON.parse(response.body)).items;
    const stale = pods.filter(({ status }) =>
      status.containerStatuses?.some(({ state }) => state.running && !isLaterThan(state.running.startedAt, time)),
    );
    const names = stale.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    return names.length === 0 ? undefined : `not looked after yet: ${names.join(", ")}`;
  };
}

const podsSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), namespace: z.string() }),
      status: z.object({
        containerStatuses: z
          .array(z.object({ state: z.object({ running: z.object({ startedAt: z.string() }).optional() }) }))
          .optional(),
      }),
    }),
  ),
});

/** Kubernetes gives times in whole seconds, cut off. */
function isLaterThan(time: string, reference: Date): boolean {
  return Date.parse(time) >= Math.floor(reference.getTime() / 1000) * 1000;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  /** Why a status is not 200, in one line. */
  readonly reason: string;
}

function fetchStatus(url: string): Promise<Answer> {
  const secure = url.startsWith("https:");
  return new Promise((resolve) => {
    const failed = (reason: string) => {
      resolve({ status: 0, body: "", reason });
    };
    const options = { timeout: patience, agent: false };
    const begin = secure ? requestSecure(url, { ...options, ...adminCredentials() }) : requestPlain(url, options);
    begin.on("response", (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => {
        const status = response.statusCode ?? 0;
        const failing = body.split("\n").filter((line) => line.startsWith("[-]"));
        resolve({ status, body, reason: [`status ${status}`, ...failing].join(", ") });
      });
    });
    begin.on("timeout", () => begin.destroy(new Error(`no answer within ${patience / 1000}s`)));
    begin.on("error", (error) => {
      failed(error.message);
    });
    begin.end();
  });
}

const kubeconfigSchema = z.object({
  users: z.tuple([
    z.object({ user: z.object({ "client-certificate-data": z.string(), "client-key-data": z.string() }) }),
  ]),
});

function adminCredentials(): { ca: Buffer; cert: Buffer; key: Buffer } {
  const { user } = kubeconfigSchema.parse(parse(readFileSync(credential("admin.kubeconfig"), "utf8"))).users[0];
  return {
    ca: readFileSync(credential("authority.crt")),
    cert: Buffer.from(user["client-certificate-data"], "base64"),
    key: Buffer.from(user["client-key-data"], "base64"),
  };
}

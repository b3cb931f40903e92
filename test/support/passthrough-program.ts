/** A program with nothing but a way from outside to a backend that is there already; its settings are the arguments. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { clusterSettings } from "../../components/cluster/cluster-settings.ts";
import { TlsPassthrough, type TlsPassthroughArgs } from "../../components/vault/passthrough/tls-passthrough.ts";

const config = new pulumi.Config();
const provider = new k8s.Provider(
  "cluster",
  clusterSettings(config.require("kubeContext"), config.get("taking") === "fields" ? "fields" : "nothing"),
);
const passthrough = new TlsPassthrough("vault", config.requireObject<TlsPassthroughArgs>("args"), { provider });

/** Base URL of the backend for clients. */
export const url = passthrough.url;

import path from "node:path";
import { stateDirectory } from "../paths.ts";
import { apiServerUrl, nodeAddress, ports } from "./addresses.ts";
import { credential } from "./credentials.ts";
import { answers, apiServerReady } from "./health.ts";
import type { Part, PartContext } from "./parts.ts";

/**
 * The parts that hold and drive the cluster's objects.
 * @returns etcd, the API server, the controller-manager and the scheduler.
 */
export function controlPlane(context: PartContext): Part[] {
  return [etcd(context), apiServer(context), controllerManager(context), scheduler(context)];
}

function etcd({ binaries }: PartContext): Part {
  const client = `https://${nodeAddress}:${ports.etcd}`;
  const peer = `https://${nodeAddress}:${ports.etcdPeers}`;
  const health = `http://${nodeAddress}:${ports.etcdHealth}`;
  return {
    name: "etcd",
    command: [
      binaries.etcd,
      "--name=sandbox",
      `--data-dir=${path.join(stateDirectory, "etcd")}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=sandbox=${peer}`,
      `--listen-metrics-urls=${health}`,
      "--client-cert-auth",
      `--trusted-ca-file=${credential("etcd-authority.crt")}`,
      `--cert-file=${credential("etcd.crt")}`,
      `--key-file=${credential("etcd.key")}`,
      "--peer-client-cert-auth",
      `--peer-trusted-ca-file=${credential("etcd-authority.crt")}`,
      `--peer-cert-file=${credential("etcd.crt")}`,
      `--peer-key-file=${credential("etcd.key")}`,
      "--log-level=warn",
    ],
    files: {},
    needs: [],
    endpoint: client,
    ready: answers(`${health}/readyz`),
  };
}

function apiServer({ binaries, ranges }: PartContext): Part {
  return {
    name: "kube-apiserver",
    command: [
      binaries.kubernetes,
      "kube-apiserver",
      `--advertise-address=${nodeAddress}`,
      `--bind-address=${nodeAddress}`,
      `--secure-port=${ports.apiServer}`,
      `--service-cluster-ip-range=${ranges.services}`,
      `--etcd-servers=https://${nodeAddress}:${ports.etcd}`,
      `--etcd-cafile=${credential("etcd-authority.crt")}`,
      `--etcd-certfile=${credential("etcd-client.crt")}`,
      `--etcd-keyfile=${credential("etcd-client.key")}`,
      `--encryption-provider-config=${credential("encryption.yaml")}`,
      `--client-ca-file=${credential("authority.crt")}`,
      ...servingCertificate,
      `--kubelet-client-certificate=${credential("kubelet-client.crt")}`,
      `--kubelet-client-key=${credential("kubelet-client.key")}`,
      `--kubelet-certificate-authority=${credential("authority.crt")}`,
      // By address first: the node's name is in no resolver of the machine.
      "--kubelet-preferred-address-types=InternalIP",
      "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
      `--service-account-key-file=${credential("service-accounts.pub")}`,
      `--service-account-signing-key-file=${credential("service-accounts.key")}`,
      "--authorization-mode=Node,RBAC",
      "--enable-admission-plugins=NodeRestriction",
      "--allow-privileged=true",
      "--profiling=false",
    ],
    files: {},
    needs: ["etcd"],
    endpoint: apiServerUrl,
    ready: apiServerReady,
  };
}

function controllerManager({ binaries }: PartContext): Part {
  return {
    name: "kube-controller-manager",
    command: [
      binaries.kubernetes,
      "kube-controller-manager",
      ...client("controller-manager"),
      ...soleInstance(ports.controllerManager),
      `--root-ca-file=${credential("authority.crt")}`,
      `--service-account-private-key-file=${credential("service-accounts.key")}`,
      `--cluster-signing-cert-file=${credential("authority.crt")}`,
      `--cluster-signing-key-file=${credential("authority.key")}`,
      "--use-service-account-credentials=true",
      // One node: the CNI configuration gives it the whole range.
      "--allocate-node-cidrs=false",
      // The default of 20 requests a second makes the removal of a namespace wait for itself.
      "--kube-api-qps=100",
      "--kube-api-burst=200",
    ],
    files: {},
    needs: ["kube-apiserver"],
    endpoint: `https://${nodeAddress}:${ports.controllerManager}`,
    ready: answers(`https://${nodeAddress}:${ports.controllerManager}/healthz`),
  };
}

function scheduler({ binaries }: PartContext): Part {
  return {
    name: "kube-scheduler",
    command: [binaries.kubernetes, "kube-scheduler", ...client("scheduler"), ...soleInstance(ports.scheduler)],
    files: {},
    needs: ["kube-apiserver"],
    endpoint: `https://${nodeAddress}:${ports.scheduler}`,
    ready: answers(`https://${nodeAddress}:${ports.scheduler}/healthz`),
  };
}

const servingCertificate = [
  `--tls-cert-file=${credential("server.crt")}`,
  `--tls-private-key-file=${credential("server.key")}`,
];

function client(user: "controller-manager" | "scheduler"): string[] {
  const kubeconfig = credential(`${user}.kubeconfig`);
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
  ];
}

function soleInstance(port: number): string[] {
  return [
    `--bind-address=${nodeAddress}`,
    `--secure-port=${port}`,
    ...servingCertificate,
    // There is no other instance, and an election costs seconds after a kill.
    "--leader-elect=false",
    "--profiling=false",
  ];
}

import type * as k8s from "@pulumi/kubernetes";
import { restrictedContainer } from "../../shared/restricted-container.ts";
import { serverPaths } from "../server/server-config.ts";
import { apiPort } from "../server/topology.ts";

/** What the container that watches the certificate needs to know. */
export interface CertificateReloadArgs {
  /** Vault's own image, for its shell: no additional image has to be trusted. */
  readonly image: string;
  /** Exact command line of the server: no other process is ever sent a signal. */
  readonly serverCommand: readonly string[];
}

/**
 * Tells the server to read its certificate again when the files have changed, and once after each start of the server
 * or of this container, since a change may have come in between.
 *
 * The kubelet puts complete files into a new folder and then points the link `..data` to it, so the folder's name tells
 * one certificate from another. A server that does not listen yet would be terminated by the signal.
 *
 * Arguments: folder of the certificate, port of the server in hexadecimal, command line of the server.
 */
export const reloadScript = `folder=$1 port=$2
shift 2
# The kernel parts the words of a command line by zero bytes, which read leaves out.
wanted=
for word; do wanted=$wanted$word; done

listens() {
  for table in /proc/net/tcp6 /proc/net/tcp; do
    [ -r "$table" ] || continue
    while read -r _ address _ state _; do
      case "$address $state" in *":$port 0A") return 0 ;; esac
    done < "$table"
  done
  return 1
}

server() {
  for process in /proc/[0-9]*; do
    line=
    { read -r line < "$process/cmdline"; } 2> /dev/null
    [ "$line" = "$wanted" ] && echo "\${process#/proc/}" && return 0
  done
  return 1
}

told=
while sleep 2; do
  files=$(cd -P "$folder/..data" && pwd) || continue
  process=$(server) && listens || continue
  [ "$told" = "$process $files" ] && continue
  kill -HUP "$process" && told="$process $files" && echo "process $process was told to read $files"
done
`;

/**
 * Renders the sidecar container that makes Vault take over a renewed certificate without a restart. It shares Vault's
 * user and the pod's process namespace, which is all it takes to send a signal.
 * @returns The container, which mounts the volume `tls`.
 */
export function reloadContainer({ image, serverCommand }: CertificateReloadArgs): k8s.types.input.core.v1.Container {
  const port = apiPort.toString(16).toUpperCase().padStart(4, "0");
  return {
    name: "certificate-reload",
    image,
    imagePullPolicy: "IfNotPresent",
    command: ["/bin/sh", "-c", reloadScript, "certificate-reload", serverPaths.tls, port, ...serverCommand],
    resources: { requests: { cpu: "5m", memory: "8Mi" }, limits: { cpu: "50m", memory: "32Mi" } },
    securityContext: restrictedContainer,
    volumeMounts: [{ name: "tls", mountPath: serverPaths.tls, readOnly: true }],
  };
}

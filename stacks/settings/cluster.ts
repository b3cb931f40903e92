import { hostName, namespace, storageClassName, text } from "./setting-rules.ts";
import { setting } from "./setting.ts";

/** The cluster that a stack runs on, and how this machine reaches it. */
export const clusterSettings = {
  kubeContext: setting(
    text(
      /^(\S([^\r\n]*\S)?)?$/,
      "must be a context of the kubeconfig or empty",
      "list them with `kubectl config get-contexts`",
    ),
    {
      default: "",
      description:
        "Context of the kubeconfig (KUBECONFIG, else ~/.kube/config) of the cluster. Empty is the current context; where no kubeconfig names one and the program runs in a pod, the cluster of that pod, as its service account.",
      examples: ["production"],
    },
  ),
  namespace: setting(namespace(), {
    default: "vault",
    description:
      "Namespace of Vault, made by the stack. Vault's data and encrypted keys live as long as it does. Where somebody else makes the certificate it may be there before the stack, whose it becomes.",
  }),
  storageClass: setting(storageClassName(), {
    default: "",
    description: "Storage class of the volumes. Empty is the cluster's default class.",
    examples: ["fast-ssd"],
  }),
  nodeAddress: setting(hostName("a host name or address of a node"), {
    default: "127.0.0.1",
    description:
      "Host name or address at which this machine reaches node ports. The addresses in the outputs use it; an IPv6 address has no brackets.",
    examples: ["10.0.0.7", "fd00::10"],
  }),
};

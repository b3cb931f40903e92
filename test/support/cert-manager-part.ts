import { z } from "zod";
import { eventually, type LiveStack } from "./live-stack.ts";
import type { TlsAuthority } from "./tls-authority.ts";

const definition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "certificates.cert-manager.io" },
  spec: {
    group: "cert-manager.io",
    scope: "Namespaced",
    names: { kind: "Certificate", plural: "certificates", singular: "certificate" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
              status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
            },
          },
        },
      },
    ],
  },
};

const certificate = z.object({
  spec: z.object({ secretName: z.string(), dnsNames: z.array(z.string()), ipAddresses: z.array(z.string()) }),
});

/**
 * Plays the part of cert-manager, which cannot be had here: its kind of object is defined without its rules, and what
 * it would issue is issued by the test. What cert-manager itself makes of the object is not tried.
 */
export class CertManagerPart {
  readonly #stack: LiveStack;
  readonly #authority: TlsAuthority;

  constructor(stack: LiveStack, authority: TlsAuthority) {
    this.#stack = stack;
    this.#authority = authority;
  }

  /** Defines the kind in the cluster. */
  async install(): Promise<void> {
    await this.#apply(definition);
    await this.#stack.kubectl(
      "wait",
      "--for=condition=Established",
      `crd/${definition.metadata.name}`,
      "--timeout=60s",
    );
  }

  /** Takes the kind away, with every object of it. */
  async remove(): Promise<void> {
    await this.#stack.kubectl("delete", "crd", definition.metadata.name, "--ignore-not-found");
  }

  /** Issues what a Certificate asks for, waiting until it is there; returns the private key. */
  async issue(name: string, days: number): Promise<string> {
    const object = ["-n", this.#stack.namespace, "get", `certificate.cert-manager.io/${name}`, "-o", "json"];
    await eventually(
      `the Certificate ${name} is there`,
      async () => (await this.#stack.kubectl(...object)) !== "",
      120,
    );
    const { spec } = certificate.parse(JSON.parse(await this.#stack.kubectl(...object)));
    const pair = await this.#authority.issue([...spec.dnsNames, ...spec.ipAddresses], { until: days });
    await this.#apply({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: spec.secretName, namespace: this.#stack.namespace },
      type: "kubernetes.io/tls",
      stringData: { "tls.crt": pair.certificate, "tls.key": pair.key, "ca.crt": this.#authority.certificate },
    });
    const status = { conditions: [{ type: "Ready", status: "True", reason: "Ready", message: "issued by the test" }] };
    const patch = ["--subresource=status", "--type=merge", "-p", JSON.stringify({ status })];
    await this.#stack.kubectl("-n", this.#stack.namespace, "patch", `certificate.cert-manager.io/${name}`, ...patch);
    return pair.key;
  }

  async #apply(object: object): Promise<void> {
    await this.#stack.kubectlWithInput(JSON.stringify(object), "apply", "--server-side", "-f", "-");
  }
}

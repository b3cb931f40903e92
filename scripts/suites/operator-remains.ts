/** Anything that can query the cluster. */
interface Cluster {
  kubectl(...args: string[]): Promise<string>;
}

const group = "secrets.hashicorp.com";

/**
 * Removes the operator of a namespace from the cluster, however far a test got: custom resources without asking the
 * operator, which may be gone, then its cluster-wide objects. Does nothing where there is no operator, or one of
 * another stack.
 */
export async function removeOperator(stack: Cluster, namespace: string): Promise<void> {
  const binding = ["get", "clusterrolebinding", "vault-secrets-operator-manager-rolebinding", "--ignore-not-found"];
  const owner = await stack.kubectl(...binding, "-o", "jsonpath={.subjects[0].namespace}");
  if (owner !== "" && owner !== namespace) return;
  const plurals = (await names(stack, "crd")).filter((name) => name.endsWith(`.${group}`));
  for (const plural of plurals) {
    const template = '{range .items[*]}{.metadata.namespace}/{.metadata.name}{"\\n"}{end}';
    const found = await stack.kubectl("get", plural, "--all-namespaces", "-o", `jsonpath=${template}`);
    for (const [place = "", name = ""] of found
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split("/"))) {
      const free = ["patch", plural, name, "--type=merge", "-p", '{"metadata":{"finalizers":null}}'];
      await stack.kubectl("-n", place, ...free);
    }
  }
  if (plurals.length > 0) await stack.kubectl("delete", "crd", ...plurals, "--ignore-not-found", "--wait");
  for (const kind of ["clusterrole", "clusterrolebinding"]) {
    const own = (await names(stack, kind)).filter((name) => name.startsWith("vault-secrets-operator-"));
    if (own.length > 0) await stack.kubectl("delete", kind, ...own, "--ignore-not-found");
  }
}

/** The cluster-wide objects of the operator. */
export async function operatorRemains(stack: Cluster): Promise<string[]> {
  const kinds = ["crd", "clusterrole", "clusterrolebinding"];
  const found = await Promise.all(kinds.map((kind) => names(stack, kind)));
  return found.flat().filter((name) => name.endsWith(`.${group}`) || name.startsWith("vault-secrets-operator-"));
}

async function names(stack: Cluster, kind: string): Promise<string[]> {
  const listed = await stack.kubectl("get", kind, "-o", 'jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}');
  return listed.split("\n").filter(Boolean);
}

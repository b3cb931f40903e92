import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The clients that docs/client-access.md has an example of, by their headings. */
export type ClientName = "Vault's command line" | "curl" | "Python" | "Go";

/** What the examples meet. */
export interface ClientPlace {
  /** Host that takes the place of the guide's. */
  readonly host: string;
  /** Address it resolves to, for the examples alone. */
  readonly address: string;
  /** PEM bundle that the examples trust. */
  readonly ca: string;
  readonly token: string;
}

/** Runs the guide's examples as they are written, each in a folder and with an /etc/hosts of its own. */
export class ClientGuide {
  readonly #place: ClientPlace;
  readonly #folder = mkdtempSync(join(tmpdir(), "vaultstack-clients-"));

  constructor(place: ClientPlace) {
    this.#place = place;
    writeFileSync(join(this.#folder, "hosts"), `127.0.0.1 localhost\n${place.address} ${place.host}\n`);
    writeFileSync(join(this.#folder, "vault-ca.pem"), place.ca);
  }

  /** What an example prints; rejects when it fails. */
  async output(client: ClientName): Promise<string> {
    const text = exampleOf(client).replaceAll("vault.example.com", this.#place.host);
    switch (client) {
      case "Vault's command line":
      case "curl":
        return this.#inside(["sh", "-euc", text]);
      case "Python": {
        const packages = join(this.#folder, "packages");
        await run("pip3", ["install", "--quiet", "--disable-pip-version-check", "--target", packages, "hvac==2.4.0"]);
        return this.#inside(["python3", "-c", text], { PYTHONPATH: packages });
      }
      case "Go": {
        const module = join(this.#folder, "go");
        mkdirSync(module, { recursive: true });
        writeFileSync(join(module, "main.go"), text);
        await run("go", ["mod", "init", "client"], { cwd: module });
        await run("go", ["get", "github.com/hashicorp/vault/api@v1.22.0"], { cwd: module });
        await run("go", ["build", "-o", join(this.#folder, "client"), "."], { cwd: module });
        return this.#inside([join(this.#folder, "client")]);
      }
    }
  }

  /** Any command in the place of an example. */
  async command(...argv: [string, ...string[]]): Promise<string> {
    const { host } = this.#place;
    return this.#inside(argv, { VAULT_ADDR: `https://${host}`, VAULT_CACERT: "vault-ca.pem" });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  async #inside(argv: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<string> {
    const hosts = join(this.#folder, "hosts");
    const script = `mount --bind "${hosts}" /etc/hosts && exec "$@"`;
    const { stdout } = await run("unshare", ["--mount", "sh", "-ec", script, "sh", ...argv], {
      cwd: this.#folder,
      env: { ...process.env, ...variables, VAULT_TOKEN: this.#place.token },
    });
    return stdout.trim();
  }
}

/** The code below a heading of the guide. */
function exampleOf(client: ClientName): string {
  const guide = readFileSync(join(import.meta.dirname, "../../docs/client-access.md"), "utf8");
  const section = guide.split(/^## /m).find((text) => text.startsWith(`${client}\n`)) ?? "";
  const [, code] = /^```(?:sh|python|go)\n([^]*?)^```$/m.exec(section) ?? [];
  if (code === undefined) throw new Error(`docs/client-access.md has no example for ${client}`);
  return code;
}

import type providerMessages from "@pulumi/pulumi/proto/provider_pb.js";
import providerPb from "@pulumi/pulumi/proto/provider_pb.js";
import { PluginError } from "./errors.ts";
import { checkInputs } from "./input-check.ts";
import { hasUnknown, known, revealAll, Secret, type Property, type PropertyMap } from "./property.ts";
import { decodeProperties } from "./property-codec.ts";
import type { PluginHost, Provider } from "./provider.ts";
import type { SecretValues } from "./redaction.ts";
import { checkResponse, diffResponse } from "./responses.ts";
import type { Fault, PropertyRules } from "./schema.ts";
import { structuralDiff } from "./structural-diff.ts";

/** The settings of the provider resource: CheckConfig, DiffConfig, Configure. */
export class ConfigHandlers {
  readonly #provider: Provider;
  readonly #secrets: SecretValues;

  constructor(provider: Provider, secrets: SecretValues) {
    this.#provider = provider;
    this.#secrets = secrets;
  }

  check(request: providerMessages.CheckRequest): providerMessages.CheckResponse {
    // The settings go into the state as the SDK sent them, JSON text included: the engine hands them back in that form.
    const given = decodeProperties(request.getNews());
    return checkResponse(given, this.#faults(given));
  }

  diff(request: providerMessages.DiffRequest): providerMessages.DiffResponse {
    const olds = this.#settings(decodeProperties(request.getOldInputs() ?? request.getOlds()));
    const news = this.#settings(decodeProperties(request.getNews()));
    return diffResponse(structuralDiff(revealAll(olds), revealAll(news), this.#provider.config.properties), false);
  }

  async configure(request: providerMessages.ConfigureRequest): Promise<providerMessages.ConfigureResponse> {
    const settings = this.#settings(decodeProperties(request.getArgs()));
    // A preview may not know the settings yet; it then operates on nothing.
    if (!hasUnknown(settings)) await this.#configureKnown(settings);
    return new providerPb.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true).setAcceptoutputs(false);
  }

  async #configureKnown(settings: PropertyMap): Promise<void> {
    const faults = this.#faults(settings);
    if (faults.length > 0) throw new PluginError(faults.map(({ path, reason }) => `${path}: ${reason}`).join("; "));
    const { inputs } = checkInputs(settings, this.#provider.config.properties);
    // Only plain texts: an object counts as secret when one member is, and the others are needed in messages.
    Object.values(inputs)
      .filter(isSecretText)
      .forEach((value) => {
        this.#secrets.collect(value);
      });
    const host: PluginHost = {
      protect: (secret) => {
        this.#secrets.add(secret);
      },
    };
    await this.#provider.config.configure(known(revealAll(inputs)), host);
  }

  #faults(given: PropertyMap): readonly Fault[] {
    const { inputs, faults } = checkInputs(this.#settings(given), this.#provider.config.properties);
    return [...faults, ...(this.#provider.config.faults?.(revealAll(inputs)) ?? [])];
  }

  #settings(given: PropertyMap): PropertyMap {
    return parsedSettings(given, this.#provider.config.properties);
  }
}

function isSecretText(value: Property): boolean {
  return value instanceof Secret && typeof value.value === "string";
}

/** Settings the engine keeps for itself in every provider resource. */
const engineSettings: ReadonlySet<string> = new Set(["version", "pluginDownloadURL", "pluginChecksums", "__internal"]);

function parsedSettings(given: PropertyMap, rules: PropertyRules): PropertyMap {
  return Object.fromEntries(
    Object.entries(given)
      .filter(([key]) => !engineSettings.has(key))
      .map(([key, value]) => [key, rules[key] === undefined || rules[key].type === "string" ? value : parsed(value)]),
  );
}

function parsed(value: Property): Property {
  if (value instanceof Secret) return new Secret(parsed(value.value));
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as Property;
  } catch {
    return value;
  }
}

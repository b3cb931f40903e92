/**
 * All settings of a stack, area by area. What each is for is written in its area; `npm run docs` generates their
 * reference from here.
 */
import { accessSettings } from "./access.ts";
import { agentSettings } from "./agents.ts";
import { certificateSettings } from "./certificate.ts";
import { clusterSettings } from "./cluster.ts";
import { consentSettings } from "./consent.ts";
import { consumerSettings } from "./consumers.ts";
import { databaseSettings } from "./database.ts";
import { deliverySettings } from "./delivery.ts";
import { demoSettings } from "./demo.ts";
import { jwtSettings } from "./jwt.ts";
import { keySettings } from "./keys.ts";
import { ldapSettings } from "./ldap.ts";
import { networkSettings } from "./network.ts";
import { passthroughSettings } from "./passthrough.ts";
import { sealSettings } from "./seal.ts";
import { serverSettings } from "./server.ts";
import type { Parsed } from "./setting.ts";
import { storeSettings } from "./store.ts";

/** Areas by their headings, in the order of the reference. */
export const areas = {
  Cluster: clusterSettings,
  "Vault's servers": serverSettings,
  "Who the servers may reach": networkSettings,
  "Certificate of a cluster": certificateSettings,
  "Way from outside": passthroughSettings,
  "Way of the program to Vault": accessSettings,
  "Keys of Vault": keySettings,
  Seal: sealSettings,
  "Store of secrets": storeSettings,
  "People of a directory": ldapSettings,
  "Workloads of other teams": consumerSettings,
  "Agents of other platforms": agentSettings,
  "Tokens of an issuer": jwtSettings,
  Database: databaseSettings,
  "Delivery of secrets": deliverySettings,
  Demonstration: demoSettings,
  "Consents for one run": consentSettings,
};

/** All settings by name, without `vaultstack:`. */
export const settings = Object.fromEntries(Object.values(areas).flatMap((area) => Object.entries(area))) as Merged;

type Merged = AllOf<(typeof areas)[keyof typeof areas]>;

type AllOf<Area> = (Area extends unknown ? (area: Area) => void : never) extends (all: infer All) => void ? All : never;

/** Name of a setting, without `vaultstack:`. */
export type SettingName = keyof typeof settings;

/** All settings, parsed. */
export type Settings = Parsed<typeof settings>;

/** Removed settings, with what replaces them now. */
export const formerSettings: Readonly<Record<string, string>> = {
  profile: "server",
  webAppImage: "demo.image",
  webAppNodePort: "demo.webAppNodePort",
  webAppNamespace: "demo.webAppNamespace",
  demoAppNamespace: "demo.appNamespace",
  databaseAppNamespace: "demo.databaseAppNamespace",
};

import { expect, test } from "vitest";
import { images } from "../../../shared/versions.ts";
import { exampleSettings } from "../../support/example-settings.ts";

test("the settings' default images are the tested ones", () => {
  const { values } = exampleSettings();
  expect(values["vaultstack:vaultImage"]).toBe(images.vault);
  expect(values["vaultstack:webAppImage"]).toBe(images.webApp);
  expect(values["vaultstack:postgresImage"]).toBe(images.postgres);
});

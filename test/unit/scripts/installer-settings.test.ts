// electron-builder.yml, and what scripts/installer-settings.ts adds to it, as electron-builder's own schema judges them.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { Ajv } from "ajv";
import { expect, it } from "vitest";
import { linuxTargets, settingsFrom } from "../../../scripts/installer-settings.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const fromBuilder = createRequire(createRequire(import.meta.url).resolve("app-builder-lib"));
const { load } = fromBuilder("js-yaml");
const schema = fromBuilder("app-builder-lib/scheme.json");
// The schema has keywords of its own for documentation.
const isValid = new Ajv({ strict: false, allErrors: true }).compile(schema);
const written = load(readFileSync(join(ROOT, "electron-builder.yml"), "utf8"));

function complaints(configuration: object): readonly string[] {
  isValid(configuration);
  return (isValid.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

it("electron-builder.yml is what electron-builder takes", () => {
  expect(complaints(written)).toEqual([]);
  expect(complaints({ ...written, electronFuses: { runAsNode: "off" } })).not.toEqual([]);
  expect(complaints({ ...written, certificate: "x" })).not.toEqual([]);
});

it("no feed means no update metadata; one is taken whole, and only over https", () => {
  expect(written.publish).toBeNull();
  expect(settingsFrom({})).toEqual({});
  const settings = settingsFrom({ POSTERN_UPDATE_FEED: "https://updates.example.org/postern" });
  expect(settings.publish).toEqual({ provider: "generic", url: "https://updates.example.org/postern" });
  expect(complaints({ ...written, ...settings })).toEqual([]);
  for (const feed of ["http://updates.example.org", "https://me:secret@updates.example.org", "nothing", ""]) {
    expect(() => settingsFrom({ POSTERN_UPDATE_FEED: feed })).toThrow("POSTERN_UPDATE_FEED");
  }
});

it("a deb and an rpm are made only by somebody who says who they are", () => {
  expect(linuxTargets({})).toEqual(["AppImage"]);
  const env = {
    POSTERN_MAINTAINER: "Ann <ann@example.org>",
    POSTERN_HOMEPAGE: "https://example.org/postern",
  };
  expect(linuxTargets(env)).toEqual(written.linux.target);
  expect(complaints({ ...written, linux: { ...written.linux, ...settingsFrom(env).linux } })).toEqual([]);
});

it("macOS gets the hardened runtime, and no entitlement that would let foreign libraries in", () => {
  expect(written.mac).toMatchObject({ hardenedRuntime: true, notarize: true });
  const entitlements = readFileSync(join(ROOT, written.mac.entitlements), "utf8");
  expect(entitlements.match(/com\.apple\.[a-z.-]+/g)).toEqual(["com.apple.security.cs.allow-jit"]);
});

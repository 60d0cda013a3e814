// What the control methods about providers take, and what they can never give.
import { expect, test } from "vitest";
import {
  type ProviderMethod,
  providerMethods,
  registrationSchema,
} from "../../../src/control/provider-contract.ts";

const accepts = (method: ProviderMethod, request: unknown): boolean =>
  providerMethods[method].request.safeParse(request).success;

test.each<[ProviderMethod, unknown]>([
  ["provider.check", { provider: "google" }],
  ["provider.check", { provider: "microsoft-365", tenant: "contoso.com" }],
  ["registration.show", { provider: "1und1" }],
  ["registration.save", { provider: "google", restart: true }],
  ["registration.save", { provider: "google", done: ["gmail-api"], clientId: "1-a.apps.example" }],
  ["registration.save", { provider: "google", clientSecret: null }],
  ["registration.save", { provider: "generic", issuer: "https://login.example.org" }],
  ["registration.check", { provider: "google", check: "token-endpoint-knows-client" }],
])("to %s is taken: %j", (method, request) => {
  expect(accepts(method, request)).toBe(true);
});

test.each<[ProviderMethod, unknown]>([
  ["provider.check", {}],
  ["provider.check", { provider: "../../etc" }],
  ["provider.check", { provider: "Google" }],
  ["provider.check", { provider: "google", tenant: "a/b" }],
  ["provider.check", { provider: "google", tenant: "" }],
  ["provider.check", { provider: "google", issuer: "https://evil.example" }],
  ["registration.save", { provider: "google", clientId: "two words" }],
  ["registration.save", { provider: "google", clientId: "a\r\nb" }],
  ["registration.save", { provider: "google", clientId: "" }],
  ["registration.save", { provider: "google", clientSecret: "" }],
  ["registration.save", { provider: "google", done: ["a b"] }],
  ["registration.save", { provider: "google", hasClientSecret: true }],
  ["registration.save", { provider: "generic", issuer: "http://login.example.org" }],
  ["registration.check", { provider: "google", check: "published" }],
  ["registration.check", { provider: "google", check: "signs-in", clientId: "c" }],
])("to %s is refused: %j", (method, request) => {
  expect(accepts(method, request)).toBe(false);
});

test("no answer has a place for a client secret", () => {
  expect(Object.keys(registrationSchema.shape)).not.toContain("clientSecret");
  const leaking = { provider: "google", done: [], hasClientSecret: true, clientSecret: "s3cret" };
  expect(registrationSchema.safeParse(leaking).success).toBe(false);
  for (const { response } of Object.values(providerMethods)) {
    expect(response.safeParse({ registration: leaking }).success).toBe(false);
  }
});

// Every provider's way to a client id, as it is shown: values filled in, and each thing asked for once.
import { describe, expect, test } from "vitest";
import { presets } from "../../../src/provider/table.ts";
import { createGuide, type Guide, isRegistrable } from "../../../src/registration/guide.ts";
import { createOAuthPreset } from "../../support/provider-preset.ts";

const registrable = presets.filter(isRegistrable);
const rows = registrable.map((preset) => [preset.id, preset] as const);

function guideOf(id: string): Guide {
  const preset = registrable.find((one) => one.id === id);
  if (preset === undefined) throw new Error(`no ${id}`);
  return createGuide(preset, {});
}

const inputsOf = (guide: Guide): string[] =>
  guide.steps.flatMap(({ id, inputs }) =>
    inputs.map(({ input, optional }) => `${id}: ${input}${optional ? "?" : ""}`),
  );

describe.each(rows)("%s", (_id, preset) => {
  const guide = createGuide(preset, { clientId: "the-client-id", tenant: undefined });

  test("leaves no word in capitals to be filled in by the person", () => {
    const values = guide.steps.flatMap(({ copy }) => copy.map(({ value }) => value));
    for (const value of values) expect(value).not.toMatch(/REDIRECT-URI|SCOPES|CLIENT-ID|TENANT/);
  });

  test("asks for each thing at most once, and for the client id before it is looked at", () => {
    const asked = guide.steps.flatMap(({ inputs }) => inputs.map(({ input }) => input));
    expect(new Set(asked).size).toBe(asked.length);
    const place = (predicate: (step: Guide["steps"][number]) => boolean) => guide.steps.findIndex(predicate);
    const asking = place(({ inputs }) => inputs.some(({ input }) => input === "client-id"));
    const looking = place(({ check }) => /-endpoint-/.test(check?.kind ?? ""));
    if (looking >= 0) expect(asking).toBeGreaterThanOrEqual(0);
    expect(asking).toBeLessThanOrEqual(looking);
  });

  test("asks for a secret where one is required, and never where there is none", () => {
    const secret = guide.steps.flatMap(({ inputs }) => inputs).find(({ input }) => input === "client-secret");
    const { clientSecret } = preset.oauth;
    if (clientSecret === "none") expect(secret).toBeUndefined();
    const asks = guide.steps.some(({ inputs }) => inputs.some(({ input }) => input === "client-id"));
    if (clientSecret === "required" && asks) expect(secret?.optional).toBe(false);
  });
});

test("Google's asks for id and secret, has the permission to paste, says to publish, and offers the app password", () => {
  const guide = guideOf("google");
  expect(inputsOf(guide)).toEqual(["client: client-id", "client-secret: client-secret"]);
  expect(guide.steps.flatMap(({ copy }) => copy)).toContainEqual({
    label: "Scope",
    value: "https://mail.google.com/",
  });
  expect(guide.steps.find(({ check }) => check?.kind === "published")?.text).toContain("Publish app");
  expect(guide.shortWay).toMatch(/app password/);
});

test("Microsoft's asks for the tenant, which may be left out, and has what Postern sends to paste", () => {
  const guide = guideOf("microsoft-365");
  expect(inputsOf(guide)).toEqual(["client-id: client-id", "tenant: tenant?"]);
  expect(guide.defaultTenant).toBe("organizations");
  expect(guide.steps.flatMap(({ copy }) => copy).map(({ value }) => value)).toEqual([
    "http://localhost/callback",
    "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access openid profile email",
  ]);
});

test("an optional secret is asked for with the client id", () => {
  expect(inputsOf(guideOf("yahoo"))).toEqual(["client-id: client-id", "client-id: client-secret?"]);
});

test("on somebody's own server the issuer is asked for first", () => {
  expect(inputsOf(guideOf("dovecot"))).toEqual(["look: issuer", "look: client-id", "look: client-secret?"]);
});

test("known values take the place of their words, and of nothing else", () => {
  const steps = [
    { id: "a", title: "A", text: "A.", copy: [{ label: "L", value: "CLIENT-ID TENANT EMAIL MY-CLIENT-ID" }] },
  ];
  const preset = createOAuthPreset({
    preset: { registration: { how: "self-service", text: "T.", steps } },
  });
  if (!isRegistrable(preset)) throw new Error("not registrable");
  const value = (values: Parameters<typeof createGuide>[1]) =>
    createGuide(preset, values).steps[0]?.copy[0]?.value;
  expect(value({})).toBe("CLIENT-ID TENANT EMAIL MY-CLIENT-ID");
  expect(value({ clientId: "$& id", tenant: "t" })).toBe("$& id t EMAIL MY-CLIENT-ID");
});

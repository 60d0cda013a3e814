import { describe, expect, test } from "vitest";
import { createGuide, isRegistrable } from "../../../src/registration/guide.ts";
import {
  hasClientIdShape,
  isUsable,
  missingInputs,
  NOTHING_DONE,
  nextStep,
} from "../../../src/registration/progress.ts";
import { createOAuthPreset } from "../../support/provider-preset.ts";

const preset = createOAuthPreset();
if (!isRegistrable(preset)) throw new Error("not registrable");
const guide = createGuide(preset, {});

describe("how far somebody is", () => {
  test.each([
    [[], "app"],
    [["app"], "publish"],
    [["publish", "app"], "client-id"],
    // What came later and was done stays done.
    [["app", "publish", "look"], "client-id"],
    // A step that the preset had once is no obstacle.
    [["app", "publish", "gone", "client-id", "look"], "sign-in"],
    [["app", "publish", "client-id", "look", "sign-in"], undefined],
  ])("%j: next is %s", (done, next) => {
    expect(nextStep(guide, { done, hasClientSecret: false })?.id).toBe(next);
  });

  test("what was given is not asked for again", () => {
    const step = guide.steps.find(({ id }) => id === "client-id");
    if (step === undefined) throw new Error("no such step");
    expect(missingInputs(step, NOTHING_DONE)).toEqual([{ input: "client-id", optional: false }]);
    expect(missingInputs(step, { ...NOTHING_DONE, clientId: "c-1" })).toEqual([]);
  });
});

test.each([
  ["none", undefined, false, false],
  ["none", "c-1", false, true],
  ["optional", "c-1", false, true],
  ["required", "c-1", false, false],
  ["required", "c-1", true, true],
] as const)(
  "a secret that is %s, client id %s, secret given %s: usable %s",
  (clientSecret, clientId, given, usable) => {
    expect(isUsable({ clientSecret }, { done: [], clientId, hasClientSecret: given })).toBe(usable);
  },
);

test("a client id is compared whole with the provider's shape", () => {
  const step = guide.steps.find(({ id }) => id === "client-id");
  if (step === undefined) throw new Error("no such step");
  expect(["c-12", "c-", "xc-12", "c-12\n", "C-12"].map((id) => hasClientIdShape(step, id))).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});

import { describe, expect, test } from "vitest";
import { chooseMechanism } from "../../../../src/mail/sasl/choose-mechanism.ts";
import type { MechanismChoice } from "../../../../src/mail/sasl/mechanism.ts";
import { failureOf } from "../../../support/failure-of.ts";

describe("the mechanism towards the upstream server", () => {
  test.each<[readonly string[], MechanismChoice, string]>([
    [["PLAIN", "XOAUTH2", "OAUTHBEARER"], "auto", "OAUTHBEARER"],
    [["XOAUTH2", "LOGIN"], "auto", "XOAUTH2"],
    [["oauthbearer"], "auto", "OAUTHBEARER"],
    [["XOAUTH2", "OAUTHBEARER"], "xoauth2", "XOAUTH2"],
    [["XOAUTH2"], "oauthbearer", "OAUTHBEARER"],
    [[], "xoauth2", "XOAUTH2"],
  ])("announced %j, chosen %s: %s", (announced, choice, expected) => {
    expect(chooseMechanism(announced, choice).name).toBe(expected);
  });

  test.each([[["PLAIN", "LOGIN", "CRAM-MD5"]], [[]], [["XOAUTH", "OAUTHBEARER2"]]])(
    "is none where only %j is announced: a token goes by no other way",
    async (announced) => {
      const failure = await failureOf(() => chooseMechanism(announced, "auto"));
      expect(failure.code).toBe("upstream-no-mechanism");
      for (const name of announced) expect(failure.detail).toContain(name);
    },
  );
});

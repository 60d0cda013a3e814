import { describe, expect, test } from "vitest";
import { describeAccount, describeActivity, describeSettings } from "../../../src/cli/describe.ts";
import { createAccountView, createSnapshot } from "../../support/small-daemon.ts";

describe("an account in words", () => {
  test("that simply works has nothing beside its state and its servers", () => {
    expect(describeAccount(createAccountView(), 0).split("\n")).toEqual([
      "● alice@example.com  Signed in.",
      "  Open connections: 0",
      "  IMAP imap.example.com:993 (TLS)   SMTP smtp.example.com:465 (TLS)",
      "  Issuer https://issuer.example   client id client   mechanism auto",
    ]);
  });

  test("whose hosts have changed shows both lists and the command that agrees", () => {
    const text = describeAccount(
      createAccountView({
        hostsChanged: { trusted: ["imap.example.com", "login.example.com"], now: ["imap.evil.example"] },
      }),
      0,
    );
    expect(text).toContain("You agreed to: imap.example.com, login.example.com\n");
    expect(text).toContain("Now it names:  imap.evil.example\n");
    expect(text).toContain("postern account trust alice@example.com\n");
  });

  test("says who is who where that is not simply the address, and what else is to be known", () => {
    const text = describeAccount(
      createAccountView({
        identity: "alice@corp.example",
        owner: "owner@example.com",
        imapUser: "imap-name",
        smtpUser: "smtp-name",
        localUser: "scanner",
        tokenAccess: true,
        notices: ["SMTP was not granted."],
      }),
      0,
    );
    for (const shown of [
      "  Signed in as: alice@corp.example",
      "  Owner of the sign-in: owner@example.com",
      "  User name at the IMAP server: imap-name",
      "  User name at the SMTP server: smtp-name",
      "  Local user name besides the address: scanner",
      "  May hand out access tokens: postern token alice@example.com",
      "  ▲ SMTP was not granted.",
    ]) {
      expect(text.split("\n")).toContain(shown);
    }
  });

  test("sets a letter for the administrator apart, and lets nothing of it act on the terminal", () => {
    const letter =
      "Dear administrator,\r\n\r\nplease open https://consent.example/?a=b\x1b[2J\n\nThank you\n";
    const status = { kind: "blocked", sentence: "An administrator must agree.", letter } as const;
    expect(describeAccount(createAccountView({ status }), 0)).toMatch(
      /\n\nSend this to your administrator:\n\nDear administrator,\n\nplease open https:\/\/consent\.example\/\?a=b \[2J\n\nThank you\n$/,
    );
  });

  test("has the address in its action, whatever characters the address has", () => {
    const status = { kind: "needs-you", sentence: "s", action: "Try: postern login EMAIL" } as const;
    expect(describeAccount(createAccountView({ email: "a$&b@example.com", status }), 0)).toContain(
      "  Try: postern login a$&b@example.com\n",
    );
  });
});

describe("the settings for a mail program", () => {
  const snapshot = createSnapshot({ accounts: [createAccountView({ localUser: "scanner" })] });

  test.each(["alice@example.com", "Alice@Example.com", "scanner"])(
    "name both user names to who asks for %s",
    (asked) => {
      expect(describeSettings(snapshot, asked).split("\n")[1]).toBe(
        "  User name   alice@example.com, or where an @ cannot be typed: scanner",
      );
    },
  );

  test("name the address alone where there is no other name", () => {
    const plain = createSnapshot();
    expect(describeSettings(plain, "alice@example.com").split("\n").slice(1)).toEqual([
      "  User name   alice@example.com",
      "  IMAP        127.0.0.1 port 1993, no encryption, normal password",
      "  SMTP        127.0.0.1 port not open now (see postern status), no encryption, normal password",
    ]);
  });
});

describe("what happened, in words", () => {
  const action = "Sign in again: postern login EMAIL";
  const failure = { code: "c", temporary: false, sentence: "It has ended.", action, detail: "why" };

  test("names the account, the protocol and the local password", () => {
    const activity = { at: 0, what: "logged-in", account: "a@example.com", protocol: "imap" } as const;
    expect(describeActivity({ ...activity, passwordName: "scanner\x1b[2J" })).toEqual([
      "● a@example.com  A mail program has logged in (IMAP, password scanner [2J).",
    ]);
  });

  test("says why it failed, and what to do only where it does not pass by itself", () => {
    const activity = { at: 0, what: "login-failed", account: "a@example.com", protocol: "smtp" } as const;
    expect(describeActivity({ ...activity, failure })).toEqual([
      "■ a@example.com  A mail program could not be connected (SMTP). It has ended.",
      "  Detail: why",
      "  Sign in again: postern login a@example.com",
    ]);
    expect(describeActivity({ ...activity, failure: { ...failure, temporary: true } })).toEqual([
      "○ a@example.com  A mail program could not be connected (SMTP). It has ended.",
      "  Detail: why",
    ]);
  });

  test("names what was given as a user name where no account has it", () => {
    const activity = { at: 0, what: "login-refused", protocol: "smtp", userName: "alise" } as const;
    expect(describeActivity(activity)).toEqual(["■ A mail program was refused (SMTP, user name alise)."]);
  });

  test("needs no account", () => {
    expect(describeActivity({ at: 0, what: "login-refused", protocol: "imap" })).toEqual([
      "■ A mail program was refused (IMAP).",
    ]);
  });
});

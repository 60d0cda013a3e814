// What a person may paste as the end of a sign-in, what they paste by mistake, and what somebody makes them paste.
import { describe, expect, it } from "vitest";
import { type ExpectedAnswer, parsePastedAnswer } from "../../../../src/oauth/client/pasted-answer.ts";

const REDIRECT = "http://127.0.0.1:49152/callback";
const STATE = "st4te-of-this-attempt";
const ISSUER = "https://auth.example.test/";
const CODE = "4/0AX4XfWh-abc_DEF.123~xyz";

const expected: ExpectedAnswer = {
  redirectUri: REDIRECT,
  state: STATE,
  issuer: ISSUER,
  issuerAlwaysSent: false,
};

const query = new URLSearchParams({ code: CODE, state: STATE }).toString();
const whole = `${REDIRECT}?${query}`;

function responseTo(text: string, changes: Partial<ExpectedAnswer> = {}): URL {
  const answer = parsePastedAnswer(text, { ...expected, ...changes });
  if (answer.kind === "unusable") throw new Error(answer.reason);
  return answer.url;
}

function reasonFor(text: string, changes: Partial<ExpectedAnswer> = {}): string {
  const answer = parsePastedAnswer(text, { ...expected, ...changes });
  if (answer.kind === "response") throw new Error(`it was taken: ${answer.url.href}`);
  return answer.reason;
}

function cutInto(text: string, width: number, between: string): string {
  return (text.match(new RegExp(`.{1,${width}}`, "g")) ?? []).join(between);
}

describe("a pasted answer", () => {
  it.each([
    ["the whole address", whole],
    ["with blanks around it", `  \t${whole} \n`],
    ["in angle brackets", `<${whole}>`],
    ["in quotes", `"${whole}"`],
    ["in a mail program's quotes", `“${whole}”`],
    ["in brackets and quotes", `<"${whole}">`],
    ["broken by a terminal", cutInto(whole, 40, "\n")],
    ["broken by Windows, and indented", cutInto(whole, 40, "\r\n    ")],
    ["broken where a text field turned line ends into blanks", cutInto(whole, 40, " ")],
    ["with ampersands escaped for HTML", whole.replaceAll("&", "&amp;")],
    ["with the scheme left out, as browsers show it", whole.replace("http://", "")],
    ["with a fragment behind it", `${whole}#_=_`],
    ["its query", `?${query}`],
    ["its query without the question mark", query],
    ["its query, state first", new URLSearchParams({ state: STATE, code: CODE }).toString()],
    ["its path and query", `/callback?${query}`],
    ["the bare code", CODE],
    ["the bare code, still escaped as in the address", encodeURIComponent(CODE)],
    ["the bare code, broken by a terminal", cutInto(CODE, 10, "\n")],
  ])("is %s", (_what, text) => {
    const url = responseTo(text);
    expect(url.searchParams.get("code")).toBe(CODE);
    expect(url.searchParams.get("state")).toBe(STATE);
    // openid-client sends what is left of it as the redirect_uri (RFC 6749 §4.1.3): it must be what was asked for.
    expect(`${url.origin}${url.pathname}`).toBe(REDIRECT);
    expect(url.hash).toBe("");
  });

  it("keeps what else the server sent", () => {
    expect(responseTo(`${whole}&session_state=abc&scope=a%20b`).searchParams.get("scope")).toBe("a b");
  });

  it("may be an error, which the exchange explains", () => {
    const url = responseTo(`${REDIRECT}?error=access_denied&error_description=No%2C%20thanks&state=${STATE}`);
    expect(url.searchParams.get("error")).toBe("access_denied");
    expect(url.searchParams.get("error_description")).toBe("No, thanks");
  });

  it("ends at an https address that nobody here listens at", () => {
    const redirectUri = "https://example.test/done";
    expect(responseTo(`${redirectUri}?${query}`, { redirectUri }).href).toBe(`${redirectUri}?${query}`);
  });

  it("is given the issuer with a bare code, where the server promises to name itself", () => {
    const url = responseTo(CODE, { issuerAlwaysSent: true });
    expect(url.searchParams.get("iss")).toBe(ISSUER);
    expect(responseTo(CODE).searchParams.has("iss")).toBe(false);
  });

  it("may be a short code of digits", () => {
    expect(responseTo("1234567").searchParams.get("code")).toBe("1234567");
  });

  it("may be a code with a percent sign that escapes nothing", () => {
    expect(responseTo("abc%zz%2").searchParams.get("code")).toBe("abc%zz%2");
    expect(responseTo("abc%ff").searchParams.get("code")).toBe("abc%ff");
  });
});

describe("an answer that somebody may be behind", () => {
  it.each([
    ["another state", whole.replace(STATE, "st4te-of-another")],
    ["an empty state", whole.replace(STATE, "")],
    ["a state in other letters", whole.replace(STATE, STATE.toUpperCase())],
    ["another state in a query alone", query.replace(STATE, "other")],
    ["another state beside an error", `${REDIRECT}?error=access_denied&state=other`],
  ])("is refused with %s", (_what, text) => {
    expect(reasonFor(text)).toMatch(/another sign-in \(its state differs\)/);
  });

  it.each([
    ["code", `${whole}&code=theirs`],
    ["state", `${whole}&state=${STATE}`],
    ["error", `${whole}&error=a&error=b`],
    ["iss", `${whole}&iss=${encodeURIComponent(ISSUER)}&iss=https%3A%2F%2Fevil.test`],
  ])("is refused with more than one %s", (_name, text) => {
    expect(reasonFor(text)).toMatch(/two answers/);
  });

  it("is refused from another server", () => {
    expect(reasonFor(`${whole}&iss=https%3A%2F%2Fevil.test`)).toMatch(/another sign-in server/);
    // RFC 9207 §2.4: simple string comparison.
    expect(reasonFor(`${whole}&iss=https%3A%2F%2Fauth.example.test`)).toMatch(/another sign-in server/);
    expect(responseTo(`${whole}&iss=${encodeURIComponent(ISSUER)}`).searchParams.get("iss")).toBe(ISSUER);
  });

  it("is refused without iss where the server promises it", () => {
    expect(reasonFor(whole, { issuerAlwaysSent: true })).toMatch(/its iss/);
  });

  it.each([
    ["host", `http://localhost:49152/callback?${query}`],
    ["scheme", `https://127.0.0.1:49152/callback?${query}`],
    ["path", `http://127.0.0.1:49152/other?${query}`],
    ["path in its letters", `http://127.0.0.1:49152/Callback?${query}`],
    ["port, so that of another sign-in", `http://127.0.0.1:49153/callback?${query}`],
    ["host that begins like ours", `http://127.0.0.1.evil.test:49152/callback?${query}`],
    ["host behind ours as a user name", `http://127.0.0.1:49152@evil.test/callback?${query}`],
  ])("is refused at another %s", (_part, text) => {
    expect(reasonFor(text)).toMatch(
      /it is another address: the address to paste begins with http:\/\/127\.0\.0\.1:49152\/callback$/,
    );
  });
});

describe("a mistake", () => {
  it.each([
    ["", /nothing was pasted/],
    [" \n\n ", /nothing was pasted/],
    ["<>", /nothing was pasted/],
    [
      `https://auth.example.test/authorize?client_id=postern&response_type=code&state=${STATE}&redirect_uri=${encodeURIComponent(REDIRECT)}`,
      /it is the address to open: open it in a browser/,
    ],
    [
      "https://accounts.google.com/signin/oauth/consent?authuser=0",
      /a page of the sign-in itself \(accounts\.google\.com\)/,
    ],
    ["https://login.live.com/ppsecure/post.srf", /a page of the sign-in itself \(login\.live\.com\)/],
    ["https://login.microsoftonline.com/common/login", /a page of the sign-in itself/],
    ["https://auth.example.test/interaction/abc", /a page of the sign-in itself \(auth\.example\.test\)/],
    ["https://www.example.org/", /it is another address/],
    ["chrome-error://chromewebdata/", /it is another address/],
    ["http://", /not a whole address/],
    ["Sign in to your account", /a page's title/],
    ["This site can’t be reached", /a page's title/],
    ["127.0.0.1", /only the beginning/],
    ["127.0.0.1:49152", /only the beginning/],
    [REDIRECT, /its state\): copy the whole address/],
    [`${REDIRECT}?state=${STATE}`, /its code\): copy the whole address/],
    [`${REDIRECT}?state=${STATE}&code=`, /its code\)/],
    [`code=${CODE}`, /its state\)/],
    [`${REDIRECT}?code=${CODE}`, /its state\)/],
    ["4/0AX4XfWhabcdefghijkl mnopqrstuvwxyz", /a code has no spaces/],
    [STATE, /state, not its code/],
    ["cödé", /characters that no code has/],
  ])("%j has its own reason", (text, reason) => {
    expect(reasonFor(text)).toMatch(reason);
  });

  it("tells nobody what was pasted", () => {
    const secret = "secretcode1234567890";
    const texts = [
      `${REDIRECT}?code=${secret}&state=other`,
      `http://127.0.0.1:1/callback?code=${secret}&state=${STATE}`,
      `${secret} and more`,
      `code=${secret}`,
      `${REDIRECT}?code=${secret}&code=${secret}&state=${STATE}`,
    ];
    for (const text of texts) expect(reasonFor(text)).not.toContain(secret);
  });

  it("is found out quickly, however long", () => {
    const nested = `${"<".repeat(8192)}${">".repeat(8191)}`;
    for (const long of [" ".repeat(16_383), nested, "\n ".repeat(8191), "a=".repeat(8191)]) {
      const before = performance.now();
      parsePastedAnswer(`x${long}`, expected);
      parsePastedAnswer(`${long}>`, expected);
      expect(performance.now() - before).toBeLessThan(250);
    }
  });
});

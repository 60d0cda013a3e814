// The administrator's scripts. The one for az is parsed by bash and run, with an `az` that writes down what it is told. There
// is no PowerShell here: of that script only the words are looked at.
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { EXCHANGE_ONLINE, MICROSOFT_GRAPH } from "../../../src/registration/microsoft-permissions.ts";
import {
  EXCHANGE_SCRIPT,
  formatAzScript,
  formatConsentAddress,
  formatPowerShellScript,
  type MicrosoftRegistration,
  POLICY_FILE,
} from "../../../src/registration/microsoft-scripts.ts";
import { isOneLine, quoteForBash, quoteForPowerShell } from "../../../src/registration/shell-words.ts";
import { runProgram } from "../../support/run-program.ts";
import { createTemporaryFolder } from "../../support/temporary-folder.ts";

const CLIENT_ID = "11112222-3333-4444-5555-666677778888";
const NASTY = [
  "Postern",
  "Bob's mail",
  "a 'b' \"c\" $(touch pwned) `touch pwned` \\ !x $HOME #",
  "';touch pwned;'",
  "Büro ’quoted‘ 郵便",
  "%PATH% & | > out",
];

function registration(changes: Partial<MicrosoftRegistration> = {}): MicrosoftRegistration {
  return {
    tenant: "contoso.com",
    name: "Postern",
    redirectUris: ["http://localhost", "http://localhost/callback"],
    allowedDomains: [],
    provider: "microsoft-365",
    ...changes,
  };
}

const hasBash = process.platform !== "win32";

describe.skipIf(!hasBash)("the script for az", () => {
  /** @param known what `az ad sp show --query …` gives for a permission's id */
  async function runScript(script: string, known = "") {
    const folder = createTemporaryFolder();
    const log = join(folder, "log");
    // One line for each call: its words, each in brackets.
    const az = `#!/bin/bash
{ printf '[%s]' "$@"; echo; } >> ${quoteForBash(log)}
case "$*" in
  *"sp show"*"--query"*) echo ${quoteForBash(known)} ;;
  *"sp show"*) exit 3 ;;
  *"app create"*) echo ${CLIENT_ID} ;;
esac
`;
    writeFileSync(join(folder, "az"), az);
    chmodSync(join(folder, "az"), 0o755);
    const file = join(folder, "script.sh");
    writeFileSync(file, script);
    const ended = await runProgram("/bin/bash", ["-c", 'cd "$1" && exec /bin/bash script.sh', "-", folder], {
      environment: { PATH: [folder, "/usr/bin", "/bin"].join(delimiter) },
    });
    const calls = readFileSync(log, "utf8").trim().split("\n");
    return { ...ended, folder, calls };
  }

  test.each(NASTY)("is a script to bash, whatever the name: %s", async (name) => {
    const folder = createTemporaryFolder();
    writeFileSync(join(folder, "script.sh"), formatAzScript(registration({ name })));
    const { exitCode, stderr } = await runProgram("/bin/bash", ["-n", join(folder, "script.sh")]);
    expect([exitCode, stderr]).toEqual([0, ""]);
  });

  test.each(NASTY)("hands az the name as one word: %s", async (name) => {
    const { exitCode, stderr, calls, folder } = await runScript(formatAzScript(registration({ name })));
    expect(exitCode, stderr).toBe(0);
    const create = calls.filter((call) => call.includes("[app][create]"));
    expect(create).toHaveLength(1);
    expect(create[0]).toContain(`[--display-name][${name}]`);
    expect(() => readFileSync(join(folder, "pwned"))).toThrow("ENOENT");
  });

  test("makes a public client with both redirect addresses, for this organisation only", async () => {
    const { calls } = await runScript(formatAzScript(registration()));
    expect(calls[0]).toBe(
      "[login][--tenant][contoso.com][--allow-no-subscriptions][--only-show-errors][--output][none]",
    );
    const create = calls.find((call) => call.includes("[app][create]"));
    expect(create).toContain("[--sign-in-audience][AzureADMyOrg]");
    expect(create).toContain("[--is-fallback-public-client][true]");
    expect(create).toContain("[--public-client-redirect-uris][http://localhost][http://localhost/callback]");
    expect(calls.some((call) => call.includes("secret") || call.includes("credential"))).toBe(false);
  });

  test("asks the directory for each permission's id by its name, and takes what it says", async () => {
    const { calls } = await runScript(formatAzScript(registration()), "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee");
    for (const { appId, permissions } of [EXCHANGE_ONLINE, MICROSOFT_GRAPH]) {
      for (const { name } of permissions) {
        expect(calls).toContainEqual(
          expect.stringContaining(
            `[ad][sp][show][--id][${appId}][--query][oauth2PermissionScopes[?value=='${name}'].id | [0]]`,
          ),
        );
      }
    }
    const added = calls.filter((call) => call.includes("[permission][add]"));
    expect(added).toHaveLength(2);
    expect(added[0]).toContain(
      `[--api][${EXCHANGE_ONLINE.appId}][--only-show-errors][--api-permissions]${"[aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee=Scope]".repeat(3)}`,
    );
  });

  test.each(["", "None", "nonsense"])("takes the known ids where the directory says %j", async (known) => {
    const { calls } = await runScript(formatAzScript(registration()), known);
    const added = calls.filter((call) => call.includes("[permission][add]"));
    const ids = EXCHANGE_ONLINE.permissions.map(({ id }) => `[${id}=Scope]`).join("");
    expect(added[0]).toContain(ids);
  });

  test("consents for everybody to exactly what it has declared", async () => {
    const { calls } = await runScript(formatAzScript(registration()));
    const grants = calls.filter((call) => call.includes("[permission][grant]"));
    expect(grants.map((call) => call.slice(call.indexOf("[--scope]")))).toEqual([
      "[--scope][IMAP.AccessAsUser.All][POP.AccessAsUser.All][SMTP.Send]",
      "[--scope][openid][email][profile][offline_access]",
    ]);
    for (const call of grants) expect(call).toContain(`[--id][${CLIENT_ID}]`);
  });

  test("writes the policy file with the client id that came back", async () => {
    const { folder, stdout } = await runScript(
      formatAzScript(registration({ allowedDomains: ["contoso.com"] })),
    );
    expect(JSON.parse(readFileSync(join(folder, POLICY_FILE), "utf8"))).toEqual({
      version: 1,
      providers: { "microsoft-365": { clientId: CLIENT_ID, tenant: "contoso.com" } },
      allowedDomains: ["contoso.com"],
    });
    expect(stdout).toContain(`Client id: ${CLIENT_ID}`);
  });

  test("ends, and writes no policy file, when the app could not be made", async () => {
    const script = formatAzScript(registration()).replace(
      /client_id=\$\(az ad app create/,
      "client_id=$(false",
    );
    const { exitCode, folder } = await runScript(script);
    expect(exitCode).not.toBe(0);
    expect(() => readFileSync(join(folder, POLICY_FILE))).toThrow("ENOENT");
  });
});

describe("the script for PowerShell", () => {
  test.each(NASTY)("has the name as one quoted word: %s", (name) => {
    const script = formatPowerShellScript(registration({ name }));
    const [, quoted = ""] = /^\$name = (.*)$/m.exec(script) ?? [];
    expect(readPowerShellWord(quoted)).toBe(name);
  });

  test("makes the same app as the other", () => {
    const script = formatPowerShellScript(registration({ allowedDomains: ["contoso.com"] }));
    for (const { appId, permissions } of [EXCHANGE_ONLINE, MICROSOFT_GRAPH]) {
      expect(script).toContain(`AppId = '${appId}'`);
      for (const { name, id } of permissions) expect(script).toContain(`'${name}' = '${id}'`);
    }
    expect(script).toContain("-SignInAudience 'AzureADMyOrg' -IsFallbackPublicClient");
    expect(script).toContain("RedirectUris = @('http://localhost', 'http://localhost/callback')");
    expect(script).toContain("allowedDomains = @('contoso.com')");
    expect(script).not.toMatch(/password|secret\b(?!\.)/i);
  });

  test("closes every bracket and quote that it opens", () => {
    const script = formatPowerShellScript(registration({ name: "Bob's (mail) { [" }));
    expect(unclosedIn(script)).toEqual([]);
    expect(unclosedIn(EXCHANGE_SCRIPT)).toEqual([]);
  });
});

describe("words for shells", () => {
  test.each([...NASTY, "", "‘’‚‛'"])("%j comes out of PowerShell's quotes as it went in", (text) => {
    expect(readPowerShellWord(quoteForPowerShell(text))).toBe(text);
  });

  test.skipIf(!hasBash).each([...NASTY, "", "-n", "\\"])(
    "%j comes out of bash's quotes as it went in",
    async (text) => {
      const { stdout } = await runProgram("/bin/bash", ["-c", `printf %s ${quoteForBash(text)}`]);
      expect(stdout).toBe(text);
    },
  );

  test("a line end is no part of a word", () => {
    expect(["a\nb", "a\rb", "a\u2028b", "a\u0000b", "a b"].map(isOneLine)).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
  });
});

test("the consent address names the tenant, all permissions and the redirect address", () => {
  const address = new URL(
    formatConsentAddress(
      "https://login.microsoftonline.com",
      { tenant: "contoso.com", redirectUri: "http://localhost/callback", scope: "a b" },
      CLIENT_ID,
    ),
  );
  expect(address.origin + address.pathname).toBe(
    "https://login.microsoftonline.com/contoso.com/v2.0/adminconsent",
  );
  expect(Object.fromEntries(address.searchParams)).toEqual({
    client_id: CLIENT_ID,
    scope: "a b",
    redirect_uri: "http://localhost/callback",
  });
});

/** A single-quoted PowerShell string (about_Quoting_Rules): any two of the quote characters in a row are the first of them. */
function readPowerShellWord(text: string): string {
  const quotes = "'‘’‚‛";
  let word = "";
  for (let at = 1; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (quotes.includes(character)) {
      if (!quotes.includes(text[at + 1] ?? " ")) {
        if (at !== text.length - 1) throw new Error(`the word ends early: ${text}`);
        return word;
      }
      at += 1;
    }
    word += character;
  }
  throw new Error(`the word does not end: ${text}`);
}

/** Brackets of a PowerShell script outside strings and comments. */
function unclosedIn(script: string): string[] {
  const plain = script
    .replace(/'(?:[^'‘’‚‛]|['‘’‚‛]{2})*'/g, "")
    .replace(/"(?:[^"`]|`.)*"/g, "")
    .replace(/#.*$/gm, "");
  const open: string[] = [];
  for (const bracket of plain.match(/[()[\]{}'"]/g) ?? []) {
    if ("([{".includes(bracket)) open.push(bracket);
    else if (open.at(-1) === { ")": "(", "]": "[", "}": "{" }[bracket]) open.pop();
    else open.push(bracket);
  }
  return open;
}

// An administrator registers once; everybody else types an address.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestAuthority } from "../support/authority.ts";
import { type Postern, startPostern } from "../support/postern.ts";

let postern: Postern;
let policy: string;

beforeAll(async () => {
  const authority = await createTestAuthority();
  // Of the folder that Postern is given, so that it is gone with it.
  postern = await startPostern({ authority });
  policy = join(postern.folder, "policy.json");
  const { stdout } = await postern.cli("admin", "register", "microsoft", "--tenant", "contoso.com", "--json");
  // As it is printed; only the client id comes from the directory.
  const printed = JSON.parse(JSON.parse(stdout).policy);
  printed.providers["microsoft-365"].clientId = "0a1b2c3d";
  await writeFile(policy, JSON.stringify(printed));
  await postern.stop();
  postern = await startPostern({ authority, folder: postern.folder, env: { POSTERN_POLICY: policy } });
});

afterAll(async () => {
  await postern.remove();
});

test("an address is enough, with the organisation's client id and tenant", async () => {
  const account = await postern.json("account", "add", "alice@contoso.onmicrosoft.com", "--yes");
  expect(account).toMatchObject({
    provider: "microsoft-365",
    clientId: "0a1b2c3d",
    issuer: "https://login.microsoftonline.com/contoso.com/v2.0",
    imap: { host: "outlook.office365.com", port: 993 },
    smtp: { host: "smtp.office365.com", port: 587, tls: "starttls" },
  });
  expect(account.endpoints.token).toContain("/contoso.com/");
});

test("a policy that cannot be read is said, and nothing is added", async () => {
  await writeFile(policy, "{");
  const finished = await postern.cli("account", "add", "bob@contoso.onmicrosoft.com", "--yes");
  expect(finished.exitCode).toBe(78);
  expect(finished.stderr).toContain("policy file");
  expect((await postern.json("account", "list")).accounts).toHaveLength(1);
});

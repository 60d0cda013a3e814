// What a person does on Keycloak's own pages, as Chromium shows them: they read labels, type, and press buttons.
// Invariant: nothing is done to a page that a person could not do.
import type { Page } from "playwright-core";
import type { Person } from "./person.ts";

/** Opens the address and types the address and the password into the form that asks for them. */
export async function signInOnPage(window: Page, address: string, person: Person): Promise<void> {
  await window.goto(address);
  await typeCredentials(window, person);
}

/** Opens the address that a device names, types its code, and signs in. */
export async function signInOnDevicePage(
  window: Page,
  address: string,
  userCode: string,
  person: Person,
): Promise<void> {
  await window.goto(address);
  await window.getByRole("textbox").fill(userCode);
  await window.getByRole("button", { name: "Submit" }).click();
  await typeCredentials(window, person);
}

/** Where Keycloak asks whether a program may: gives what it would be allowed. */
export async function answerConsent(window: Page, answer: "Yes" | "No"): Promise<readonly string[]> {
  const button = window.getByRole("button", { name: answer, exact: true });
  await button.waitFor();
  const asked = await window.getByRole("listitem").allInnerTexts();
  await button.click();
  return asked.map((text) => text.trim());
}

async function typeCredentials(window: Page, { email, password }: Person): Promise<void> {
  await window.getByLabel("Username or email").fill(email);
  await window.getByRole("textbox", { name: "Password" }).fill(password);
  await window.getByRole("button", { name: "Sign In" }).click();
}

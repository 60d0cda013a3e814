// The pages a person meets at the authorization server: login, consent, and the few others oidc-provider asks for.
// Invariant: nobody is logged in without the right password, and nothing is granted without "Allow".
import { text } from "node:stream/consumers";
import type Provider from "oidc-provider";
import type { InteractionResults } from "oidc-provider";

/** One koa middleware, as oidc-provider's `use` takes it. */
export type Middleware = Parameters<Provider["use"]>[0];

type Interaction = Awaited<ReturnType<Provider["interactionDetails"]>>;

/** The accountId that belongs to an address and a password, or undefined if they do not belong together. */
export type CheckPassword = (email: string, password: string) => string | undefined;

/** Serves /interaction/UID: the login page, then the consent page. */
export function createInteractionPages(provider: Provider, checkPassword: CheckPassword): Middleware {
  return async (ctx, next) => {
    if (!ctx.path.startsWith("/interaction/")) return await next();
    const interaction = await provider.interactionDetails(ctx.req, ctx.res);
    const form = ctx.method === "POST" ? new URLSearchParams(await text(ctx.req)) : undefined;
    const result = form === undefined ? undefined : await answer(provider, interaction, form, checkPassword);
    if (result !== undefined) {
      ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
      ctx.status = 303;
      return;
    }
    // A form without a result is a refused login: RFC 9110 has no better code for a form than 403.
    ctx.status = form === undefined ? 200 : 403;
    ctx.type = "html";
    ctx.body = interaction.prompt.name === "login" ? loginPage(interaction, form) : consentPage(interaction);
  };
}

async function answer(
  provider: Provider,
  interaction: Interaction,
  form: URLSearchParams,
  checkPassword: CheckPassword,
): Promise<InteractionResults | undefined> {
  if (interaction.prompt.name === "login") {
    const accountId = checkPassword(form.get("email") ?? "", form.get("password") ?? "");
    return accountId === undefined ? undefined : { login: { accountId } };
  }
  if (form.get("decision") !== "allow") {
    return { error: "access_denied", error_description: "The person did not allow this." };
  }
  return { consent: { grantId: await saveGrant(provider, interaction) } };
}

/** Grants what the consent page listed, and returns the grant's id. */
async function saveGrant(provider: Provider, interaction: Interaction): Promise<string> {
  const known =
    interaction.grantId === undefined ? undefined : await provider.Grant.find(interaction.grantId);
  const grant =
    known ??
    new provider.Grant({
      accountId: interaction.session?.accountId,
      clientId: String(interaction.params.client_id),
    });
  const { missingOIDCScope, missingOIDCClaims } = interaction.prompt.details;
  if (Array.isArray(missingOIDCScope)) grant.addOIDCScope(missingOIDCScope.join(" "));
  if (Array.isArray(missingOIDCClaims)) grant.addOIDCClaims(missingOIDCClaims);
  return await grant.save();
}

function loginPage(interaction: Interaction, refused: URLSearchParams | undefined): string {
  const email = refused?.get("email") ?? String(interaction.params.login_hint ?? "");
  return page(
    "Sign in",
    `${refused === undefined ? "" : '<p role="alert">The address or the password is wrong.</p>'}
    <form method="post" action="/interaction/${interaction.uid}">
      <label>Address <input type="email" name="email" value="${escapeHtml(email)}"></label>
      <label>Password <input type="password" name="password"></label>
      <button type="submit" name="decision" value="continue">Sign in</button>
    </form>`,
  );
}

function consentPage(interaction: Interaction): string {
  const { client_id: clientId, scope } = interaction.params;
  return page(
    "Allow access?",
    `<p>${escapeHtml(String(clientId))} asks for: ${escapeHtml(String(scope ?? ""))}</p>
    <form method="post" action="/interaction/${interaction.uid}">
      <button type="submit" name="decision" value="allow">Allow</button>
      <button type="submit" name="decision" value="deny">Deny</button>
    </form>`,
  );
}

/** A whole HTML page; `content` is HTML, `title` is text. */
export function page(title: string, content: string): string {
  return `<!DOCTYPE html>
<html lang="en">
  <head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
  <body><h1>${escapeHtml(title)}</h1>
    ${content}
  </body>
</html>
`;
}

export function escapeHtml(value: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

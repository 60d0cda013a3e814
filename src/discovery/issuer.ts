// Issuer identifiers that somebody else named (RFC 8414 §2): which texts can be one, and which issuer a metadata URL
// belongs to. Pure; whether the issuer says the same is another question, which must be asked.

const OPENID = "/.well-known/openid-configuration";
const RFC_8414 = "/.well-known/oauth-authorization-server";
const LONGEST = 1024;

/** https, nothing but host, port and path, and no character that a shell or a terminal would take for more. */
export function isIssuer(text: string): boolean {
  return (
    text.length <= LONGEST &&
    /^https:\/\/[A-Za-z0-9.:[\]-]+(?:\/[A-Za-z0-9._~%/:@+-]*)?$/.test(text) &&
    !/\/\.{1,2}(?:\/|$)/.test(text) &&
    URL.canParse(text)
  );
}

/**
 * The issuers whose metadata may stand at `url`, likeliest first: `ISSUER/.well-known/openid-configuration`, or
 * the well-known part between host and path (RFC 8414 §3.1). An issuer may end with a slash that its URL does not show.
 */
export function issuersOf(url: string): string[] {
  if (!isIssuer(url)) return [];
  const { origin, pathname } = new URL(url);
  const paths = [
    pathname.endsWith(OPENID) ? pathname.slice(0, -OPENID.length) : undefined,
    ...[OPENID, RFC_8414].map((wellKnown) =>
      pathname === wellKnown || pathname.startsWith(`${wellKnown}/`)
        ? pathname.slice(wellKnown.length)
        : undefined,
    ),
  ];
  const issuers = paths
    .filter((path) => path !== undefined)
    .flatMap((path) =>
      path === "" || path.endsWith("/") ? [`${origin}${path}`] : [`${origin}${path}`, `${origin}${path}/`],
    );
  return [...new Set(issuers)];
}

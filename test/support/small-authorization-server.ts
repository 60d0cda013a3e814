// A small authorization server without OpenID Connect, whose metadata a test decides. It says yes to everybody, at once.
// Invariant: codes and refresh tokens work once; what it is asked is recorded.
import { randomBytes } from "node:crypto";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TestAuthority } from "./authority.ts";

export interface SmallAuthorizationServer {
  /** https://localhost:PORT */
  readonly origin: string;
  readonly paths: readonly string[];
  close(): Promise<void>;
}

export interface SmallServerOptions {
  readonly authority: TestAuthority;
  /** The JSON at each well-known path; a path that is not named is not found. */
  metadata(origin: string): Readonly<Record<string, unknown>>;
}

export const RFC_8414_PATH = "/.well-known/oauth-authorization-server";
export const OPENID_PATH = "/.well-known/openid-configuration";

export async function startSmallAuthorizationServer(
  options: SmallServerOptions,
): Promise<SmallAuthorizationServer> {
  const paths: string[] = [];
  const valid = new Set<string>();
  const issue = (kind: string): string => {
    const text = `${kind}-${randomBytes(12).toString("hex")}`;
    valid.add(text);
    return text;
  };
  const { key, certificate } = await options.authority.issue(["localhost"]);

  const server = createServer({ key, cert: certificate }, (request, reply) => {
    const url = new URL(request.url ?? "/", origin);
    paths.push(url.pathname);
    const json = (status: number, body: unknown): void => {
      reply.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    const metadata = options.metadata(origin)[url.pathname];
    if (metadata !== undefined) return json(200, metadata);
    if (url.pathname === "/authorize") {
      const location = new URL(url.searchParams.get("redirect_uri") ?? origin);
      location.searchParams.set("code", issue("code"));
      location.searchParams.set("state", url.searchParams.get("state") ?? "");
      reply.writeHead(303, { location: location.href }).end();
      return;
    }
    if (url.pathname !== "/token") return json(404, {});
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
      const shown = form.get("code") ?? form.get("refresh_token") ?? "";
      if (!valid.delete(shown)) return json(400, { error: "invalid_grant" });
      json(200, {
        access_token: issue("access"),
        token_type: "Bearer",
        expires_in: 3600,
        refresh_token: issue("refresh"),
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    paths,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

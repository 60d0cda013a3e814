// A token endpoint at an address of this machine that is not its loopback, as a provider has it on a host of its own: it
// passes on to the authorization server what it is asked. Invariant: nothing but POSTs to the token endpoint passes.
import { once } from "node:events";
import { createServer } from "node:https";
import { type AddressInfo, isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";
import { text } from "node:stream/consumers";
import type { TestAuthority } from "./authority.ts";
import type { AuthorizationServer } from "./authorization-server.ts";
import { request } from "./request.ts";

export interface TokenFront {
  /** https://ADDRESS:PORT/token */
  readonly url: string;
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

/** An IPv4 address by which this machine is reached from elsewhere; undefined where it has none. */
export function outwardAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ address, internal }) => !internal && isIPv4(address))?.address;
}

export async function startTokenFront(
  address: string,
  authority: TestAuthority,
  authorizationServer: AuthorizationServer,
): Promise<TokenFront> {
  const { key, certificate } = await authority.issue([address]);
  const server = createServer({ key, cert: certificate }, async (incoming, outgoing) => {
    const form = new URLSearchParams(await text(incoming));
    if (incoming.method !== "POST" || incoming.url !== "/token") {
      outgoing.writeHead(404).end();
      return;
    }
    const answer = await request(`${authorizationServer.issuer}/token`, {
      form,
      authorityPem: authority.certificatePem,
    });
    const type = answer.headers["content-type"] ?? "application/json";
    outgoing.writeHead(answer.status, { "content-type": type }).end(answer.body);
  });
  server.listen(0, address);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://${address}:${port}/token`,
    address,
    port,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

// What an administrator of a realm does at Keycloak's admin API: a scope for mail, clients, who may register, signing people out.
// Invariant: Keycloak's own scopes and policies stay as they are, except for what is changed here by name.
import { Agent, fetch } from "undici";
import { ADMINISTRATOR_CLIENT_ID, REALM } from "./keycloak-realm.ts";

export interface KeycloakAdministration {
  /**
   * The scope that mail servers demand: any client of the realm may ask for it, and none gets it unasked. It also puts the
   * mail server into the token's audience, without which Keycloak tells that mail server nothing about the token.
   */
  createMailScope(name: string, mailServerClientId: string): Promise<void>;
  createClient(client: Readonly<Record<string, unknown>>): Promise<void>;
  /**
   * RFC 7591 without a token, from this machine and for redirect URIs on this machine. A program may name the realm's own
   * scopes and `scopes`.
   */
  openRegistration(scopes: readonly string[]): Promise<void>;
  /** Ends every session, also those of offline_access. */
  revokeSessionsOf(email: string): Promise<void>;
  close(): Promise<void>;
}

export interface AdministrationOptions {
  /** https://localhost:PORT */
  readonly origin: string;
  readonly administratorSecret: string;
  readonly authorityPem: string;
}

interface Policy {
  readonly id: string;
  readonly providerId: string;
  readonly subType: string;
  readonly config: Readonly<Record<string, readonly string[]>>;
}

const REGISTRATION_POLICY = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy";

export function createKeycloakAdministration(options: AdministrationOptions): KeycloakAdministration {
  const dispatcher = new Agent({ connect: { ca: options.authorityPem } });
  const realmUrl = `${options.origin}/admin/realms/${REALM}`;

  async function send(
    url: string,
    init: { method: string; headers?: Record<string, string>; body?: string },
  ) {
    const response = await fetch(url, { ...init, dispatcher });
    const text = await response.text();
    if (!response.ok) throw new Error(`Keycloak says ${response.status} to ${init.method} ${url}: ${text}`);
    return { location: response.headers.get("location"), body: text === "" ? undefined : JSON.parse(text) };
  }

  /** Asked for each time: the realm's access tokens may be short-lived. */
  async function accessToken(): Promise<string> {
    const form = { client_id: ADMINISTRATOR_CLIENT_ID, client_secret: options.administratorSecret };
    const { body } = await send(`${options.origin}/realms/${REALM}/protocol/openid-connect/token`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ grant_type: "client_credentials", ...form }).toString(),
    });
    return body.access_token;
  }

  async function call(method: "GET" | "POST" | "PUT" | "DELETE", path: string, json?: unknown) {
    return await send(`${realmUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${await accessToken()}`, "content-type": "application/json" },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
  }

  return {
    async createMailScope(name, mailServerClientId) {
      const { location } = await call("POST", "/client-scopes", {
        name,
        protocol: "openid-connect",
        attributes: {
          "include.in.token.scope": "true",
          "include.in.openid.provider.metadata": "true",
          "display.on.consent.screen": "true",
          "consent.screen.text": "Read and send your mail",
        },
        protocolMappers: [
          {
            name: "audience",
            protocol: "openid-connect",
            protocolMapper: "oidc-audience-mapper",
            config: { "included.client.audience": mailServerClientId, "access.token.claim": "true" },
          },
        ],
      });
      const id = location?.split("/").at(-1);
      await call("PUT", `/default-optional-client-scopes/${id}`);
    },
    async createClient(client) {
      await call("POST", "/clients", client);
    },
    async openRegistration(scopes) {
      const { body } = await call("GET", `/components?type=${REGISTRATION_POLICY}`);
      const policies: readonly Policy[] = body;
      const change = async (providerId: string, config: Policy["config"]): Promise<void> => {
        const policy = policies.find(
          (each) => each.providerId === providerId && each.subType === "anonymous",
        );
        if (policy === undefined) throw new Error(`Keycloak has no policy ${providerId}`);
        await call("PUT", `/components/${policy.id}`, { ...policy, config: { ...policy.config, ...config } });
      };
      await change("trusted-hosts", { "trusted-hosts": ["127.0.0.1", "localhost"] });
      await change("allowed-client-templates", { "allowed-client-scopes": scopes });
    },
    async revokeSessionsOf(email) {
      const { body } = await call("GET", `/users?exact=true&email=${encodeURIComponent(email)}`);
      const [person]: readonly { id: string }[] = body;
      if (person === undefined) throw new Error(`nobody has the address ${email}`);
      // What logout says about offline sessions is good for tokens of earlier seconds only; this ends them for good.
      const { body: grants }: { body: readonly { clientId: string }[] } = await call(
        "GET",
        `/users/${person.id}/consents`,
      );
      for (const { clientId } of grants) {
        await call("DELETE", `/users/${person.id}/consents/${encodeURIComponent(clientId)}`);
      }
      await call("POST", `/users/${person.id}/logout`);
    },
    close: () => dispatcher.close(),
  };
}

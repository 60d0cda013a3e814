// The realm that Keycloak imports when it starts (RealmRepresentation of its admin API): who may sign in, how long tokens live.
// Invariant: what is not said here is Keycloak's default.
import type { Person } from "./person.ts";

export const REALM = "mail";
/** A service account of the realm that may change everything in the realm. */
export const ADMINISTRATOR_CLIENT_ID = "test-administrator";

export interface RealmOptions {
  readonly people: readonly Person[];
  readonly accessTokenSeconds: number;
  readonly administratorSecret: string;
}

export function describeRealm({ people, accessTokenSeconds, administratorSecret }: RealmOptions) {
  return {
    realm: REALM,
    enabled: true,
    displayName: "Example mail",
    accessTokenLifespan: accessTokenSeconds,
    // Every refresh token is good for one use.
    revokeRefreshToken: true,
    refreshTokenMaxReuse: 0,
    oauth2DeviceCodeLifespan: 600,
    oauth2DevicePollingInterval: 1,
    clients: [
      {
        clientId: ADMINISTRATOR_CLIENT_ID,
        secret: administratorSecret,
        serviceAccountsEnabled: true,
        standardFlowEnabled: false,
        directAccessGrantsEnabled: false,
      },
    ],
    users: [
      ...people.map(describePerson),
      {
        username: `service-account-${ADMINISTRATOR_CLIENT_ID}`,
        enabled: true,
        serviceAccountClientId: ADMINISTRATOR_CLIENT_ID,
        clientRoles: { "realm-management": ["realm-admin"] },
      },
    ],
  };
}

/** Signs in with the address or its local part. Without a first and a last name Keycloak would ask for them first. */
function describePerson({ email, password }: Person) {
  const [localPart = ""] = email.split("@");
  return {
    username: localPart,
    email,
    emailVerified: true,
    enabled: true,
    firstName: localPart,
    lastName: "Example",
    credentials: [{ type: "password", value: password, temporary: false }],
    // An imported user has no other roles than the ones named here, and offline_access is granted by role.
    realmRoles: [`default-roles-${REALM}`],
  };
}

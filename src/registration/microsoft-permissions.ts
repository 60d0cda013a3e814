// The delegated permissions that Postern needs at Microsoft, by the service that grants them. Invariant: the ids below are
// only for a tenant that cannot be asked: the scripts look each permission up by its name first.

export interface Permission {
  /** As in the service's `oauth2PermissionScopes`. */
  readonly name: string;
  readonly id: string;
}

export interface PermissionService {
  readonly name: string;
  /** The same in every tenant. */
  readonly appId: string;
  readonly permissions: readonly Permission[];
}

/**
 * Not Microsoft Graph's permissions of the same names, which have other ids (652390e4-… for IMAP): declared here, those
 * end in AADSTS65006.
 */
export const EXCHANGE_ONLINE: PermissionService = {
  name: "Office 365 Exchange Online",
  appId: "00000002-0000-0ff1-ce00-000000000000",
  permissions: [
    { name: "IMAP.AccessAsUser.All", id: "195adc35-e27b-454b-a7ed-1ecdffa1c09f" },
    { name: "POP.AccessAsUser.All", id: "fb698133-92fa-453e-a9ed-688e10f2e5ac" },
    { name: "SMTP.Send", id: "76faac2a-0f20-42f1-928a-50de5b9dbe52" },
  ],
};

/** Who signed in, and staying signed in. */
export const MICROSOFT_GRAPH: PermissionService = {
  name: "Microsoft Graph",
  appId: "00000003-0000-0000-c000-000000000000",
  permissions: [
    { name: "openid", id: "37f7f235-527c-4136-accd-4a02d197296e" },
    { name: "email", id: "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0" },
    { name: "profile", id: "14dad69e-099b-42c9-810b-d002981feec1" },
    { name: "offline_access", id: "7427e0e9-2fba-42fe-b0c0-848c9e6a8182" },
  ],
};

/** Where the ids were read, and what nobody has tried. */
export const PERMISSION_SOURCES = [
  {
    what: "Exchange Online's permission ids",
    source: "two public lists of that service's permissions, which agree",
    verified: true,
  },
  {
    what: "Microsoft Graph's permission ids",
    source: "several public scripts, which agree",
    verified: true,
  },
  {
    what: "the scripts as a whole",
    source:
      "written from the documentation of az and of Microsoft Graph PowerShell; never run against a tenant",
    verified: false,
  },
] as const;

// The scripts with which an administrator registers Postern at Microsoft, once for everybody: for az in bash, and for
// Microsoft Graph PowerShell. Pure. Invariant: what the administrator typed is one quoted word in them, and nothing else.
import { EXCHANGE_ONLINE, MICROSOFT_GRAPH, type PermissionService } from "./microsoft-permissions.ts";
import { createPolicy, formatPolicy } from "./policy.ts";
import { quoteForBash, quoteForPowerShell } from "./shell-words.ts";

export interface MicrosoftRegistration {
  /** A directory's id or domain: `isTenant` has agreed to it. */
  readonly tenant: string;
  /** How people see the app; one line. */
  readonly name: string;
  /** As Postern sends them. */
  readonly redirectUris: readonly string[];
  /** Canonical mail domains. */
  readonly allowedDomains: readonly string[];
  /** The preset that the policy names. */
  readonly provider: string;
}

export const POLICY_FILE = "postern-policy.json";
const SERVICES = [EXCHANGE_ONLINE, MICROSOFT_GRAPH];

/** For bash 3.2 and newer, and az 2.37 and newer. */
export function formatAzScript(registration: MicrosoftRegistration): string {
  const { tenant, name, redirectUris } = registration;
  return `#!/usr/bin/env bash
# Registers Postern in your organisation's directory (Entra), once for everybody.
# Run it as somebody who may register apps and consent for everybody. It needs az (Azure CLI).
set -euo pipefail

tenant=${quoteForBash(tenant)}
name=${quoteForBash(name)}
policy=${quoteForBash(POLICY_FILE)}

az login --tenant "$tenant" --allow-no-subscriptions --only-show-errors --output none

# A permission's id as your directory knows it; where it cannot say, as it is elsewhere.
permission() {
  local id
  id=$(az ad sp show --id "$1" --query "oauth2PermissionScopes[?value=='$2'].id | [0]" \\
    --output tsv --only-show-errors 2>/dev/null || true)
  [[ $id =~ ^[0-9a-fA-F-]{36}$ ]] || id=$3
  printf '%s=Scope' "$id"
}

# A public client: there is no secret. An app of the same name is changed, not made twice.
client_id=$(az ad app create --display-name "$name" --sign-in-audience AzureADMyOrg \\
  --is-fallback-public-client true \\
  --public-client-redirect-uris ${redirectUris.map(quoteForBash).join(" ")} \\
  --query appId --output tsv --only-show-errors)
az ad sp show --id "$client_id" --output none --only-show-errors 2>/dev/null ||
  az ad sp create --id "$client_id" --output none --only-show-errors

${SERVICES.map(formatAzPermissions).join("\n\n")}

cat > "$policy" <<END
${formatPolicy(policyFor(registration, "$client_id"))}END
printf 'Client id: %s\\nPolicy file: %s\\n' "$client_id" "$policy"
`;
}

function formatAzPermissions({ name, appId, permissions }: PermissionService): string {
  const ids = permissions.map(
    (permission) => `  "$(permission ${appId} ${permission.name} ${permission.id})"`,
  );
  return [
    `# ${name}`,
    `az ad app permission add --id "$client_id" --api ${appId} --only-show-errors --api-permissions \\`,
    ids.join(" \\\n"),
    `az ad app permission grant --id "$client_id" --api ${appId} --output none --only-show-errors \\`,
    `  --scope ${permissions.map((permission) => permission.name).join(" ")}`,
  ].join("\n");
}

/** For Windows PowerShell 5.1 and PowerShell 7, with the module Microsoft.Graph. */
export function formatPowerShellScript(registration: MicrosoftRegistration): string {
  const { tenant, name, redirectUris, provider, allowedDomains } = registration;
  const list = (words: readonly string[]): string => words.map(quoteForPowerShell).join(", ");
  const domains = allowedDomains.length === 0 ? "" : `; allowedDomains = @(${list(allowedDomains)})`;
  return `# Registers Postern in your organisation's directory (Entra), once for everybody.
# Run it as somebody who may register apps and consent for everybody. It needs Microsoft Graph PowerShell:
#   Install-Module Microsoft.Graph -Scope CurrentUser
$ErrorActionPreference = 'Stop'

$tenant = ${quoteForPowerShell(tenant)}
$name = ${quoteForPowerShell(name)}
$policy = ${quoteForPowerShell(POLICY_FILE)}

Connect-MgGraph -TenantId $tenant -Scopes 'Application.ReadWrite.All', 'DelegatedPermissionGrant.ReadWrite.All'

$services = @(
${SERVICES.map(formatPowerShellService).join("\n")}
)

$sameName = "displayName eq '" + $name.Replace("'", "''") + "'"
if (Get-MgApplication -Filter $sameName) {
  throw 'There is an app of this name already. Choose another name, or delete that one.'
}

# A permission's id as your directory knows it; where it cannot say, as it is elsewhere.
$required = foreach ($service in $services) {
  $principal = Get-MgServicePrincipal -Filter "appId eq '$($service.AppId)'"
  $access = foreach ($permission in $service.Permissions.GetEnumerator()) {
    $known = $principal.Oauth2PermissionScopes | Where-Object { $_.Value -eq $permission.Key } | Select-Object -First 1
    $id = $permission.Value
    if ($known) { $id = $known.Id }
    @{ Id = $id; Type = 'Scope' }
  }
  @{ ResourceAppId = $service.AppId; ResourceAccess = @($access) }
}

# A public client: there is no secret.
$app = New-MgApplication -DisplayName $name -SignInAudience 'AzureADMyOrg' -IsFallbackPublicClient \`
  -PublicClient @{ RedirectUris = @(${list(redirectUris)}) } -RequiredResourceAccess @($required)
$client = New-MgServicePrincipal -AppId $app.AppId

# Consent for everybody.
foreach ($service in $services) {
  $resource = Get-MgServicePrincipal -Filter "appId eq '$($service.AppId)'"
  $scope = @($service.Permissions.Keys) -join ' '
  New-MgOauth2PermissionGrant -ClientId $client.Id -ConsentType 'AllPrincipals' -ResourceId $resource.Id -Scope $scope | Out-Null
}

$providers = [ordered]@{ ${quoteForPowerShell(provider)} = [ordered]@{ clientId = $app.AppId; tenant = $tenant } }
$file = [ordered]@{ version = 1; providers = $providers${domains} }
[System.IO.File]::WriteAllText((Join-Path (Get-Location) $policy), ($file | ConvertTo-Json -Depth 5))
Write-Output "Client id: $($app.AppId)"
Write-Output "Policy file: $policy"
`;
}

function formatPowerShellService({ name, appId, permissions }: PermissionService): string {
  const rows = permissions.map(
    (permission) => `    ${quoteForPowerShell(permission.name)} = ${quoteForPowerShell(permission.id)}`,
  );
  return [
    `  # ${name}`,
    `  @{ AppId = ${quoteForPowerShell(appId)}; Permissions = [ordered]@{`,
    ...rows,
    "  } }",
  ].join("\n");
}

/** What sending and reading need besides the app, mailbox by mailbox. */
export const EXCHANGE_SCRIPT = `# Exchange Online PowerShell: Install-Module ExchangeOnlineManagement -Scope CurrentUser
Connect-ExchangeOnline

# For everybody: True means that sending over SMTP is off wherever a mailbox does not say otherwise.
Get-TransportConfig | Format-List SmtpClientAuthenticationDisabled

# For one mailbox: sending over SMTP and reading over IMAP on. With OAuth no password is sent.
Set-CASMailbox -Identity 'MAILBOX' -SmtpClientAuthenticationDisabled $false -ImapEnabled $true
Get-CASMailbox -Identity 'MAILBOX' | Format-List ImapEnabled, PopEnabled, SmtpClientAuthenticationDisabled
`;

/** @param clientId as it is known; a script puts its own variable there */
export function policyFor(registration: MicrosoftRegistration, clientId: string) {
  const { provider, tenant, allowedDomains } = registration;
  return createPolicy(provider, { clientId, tenant }, allowedDomains);
}

/**
 * Where an administrator consents for everybody by hand, instead of by the scripts. The browser ends at the redirect
 * address, where nobody listens.
 */
export function formatConsentAddress(
  origin: string,
  {
    tenant,
    redirectUri,
    scope,
  }: { readonly tenant: string; readonly redirectUri: string; readonly scope: string },
  clientId: string,
): string {
  const url = new URL(`${origin}/${tenant}/v2.0/adminconsent`);
  url.search = new URLSearchParams({ client_id: clientId, scope, redirect_uri: redirectUri }).toString();
  return url.href;
}

// Everything technical about an account, as lines to read and to copy. Pure.
// Invariant: nothing secret is in it: the contract has nothing secret to show.
import type { AccountView } from "../../../src/control/contract.ts";
import type { Detail } from "../../components/details.tsx";
import type { Texts } from "../../speech.ts";

type Words = Pick<Texts, "t" | "exact">;

export function accountDetails(account: AccountView, { t, exact }: Words): Detail[] {
  const { status, imap, smtp } = account;
  const server = ({ host, port, tls }: AccountView["imap"], user: string | undefined): string =>
    `${host}:${port} (${tls === "implicit" ? "TLS" : "STARTTLS"})${user === undefined ? "" : `, ${user}`}`;
  return [
    { name: t("details.imap"), value: server(imap, account.imapUser) },
    { name: t("details.smtp"), value: server(smtp, account.smtpUser) },
    { name: t("details.provider"), value: account.provider },
    { name: t("details.kind"), value: t(`details.kind.${account.kind}`) },
    ...(account.kind === "oauth" ? oauthDetails(account, { t, exact }) : []),
    { name: t("details.identity"), value: account.identity },
    {
      name: t("details.waiting"),
      value: account.signInsWaiting > 0 ? String(account.signInsWaiting) : undefined,
    },
    { name: t("details.sessions"), value: String(account.sessions) },
    { name: t("details.notices"), value: account.notices.join(" ") },
    { name: t("details.code"), value: status.code },
    { name: t("details.what"), value: status.sentence },
    { name: t("details.detail"), value: status.detail },
    { name: t("details.id"), value: account.id },
  ];
}

function oauthDetails(account: AccountView & { kind: "oauth" }, { t, exact }: Words): Detail[] {
  return [
    { name: t("details.issuer"), value: account.issuer },
    { name: t("details.authorization"), value: account.endpoints?.authorization },
    { name: t("details.token"), value: account.endpoints?.token },
    { name: t("details.client-id"), value: account.clientId },
    {
      name: t("details.client-secret"),
      value: account.hasClientSecret ? t("details.client-secret.yes") : t("common.none"),
    },
    { name: t("details.redirect"), value: account.redirectUri },
    { name: t("details.scope"), value: account.scope },
    { name: t("details.mechanism"), value: account.mechanism },
    { name: t("details.owner"), value: account.owner },
    {
      name: t("details.expires"),
      value: account.accessTokenExpiresAt === undefined ? undefined : exact(account.accessTokenExpiresAt),
    },
  ];
}

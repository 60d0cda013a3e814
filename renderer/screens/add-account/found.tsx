// What was found and how: a sentence, the servers, and the whole trail in a fold. Every host is shown before it is used.
import type { Discovery } from "../../../src/control/contract.ts";
import type { GivenSettings } from "../../../src/new-account/settings.ts";
import { Fold } from "../../components/fold.tsx";
import { useTexts } from "../../texts.tsx";

interface FoundProps {
  readonly given: GivenSettings;
  readonly discovery: Discovery | undefined;
  readonly isPassword: boolean;
}

export function Found({ given, discovery, isPassword }: FoundProps) {
  const { t } = useTexts();
  const imap = given.imap ?? discovery?.imap;
  const smtp = given.smtp ?? discovery?.smtp;
  const issuer = given.issuer ?? discovery?.issuer;
  const { providerName, recognisedBy, quirks = [], trail = [] } = discovery ?? {};
  const place = (server: typeof imap): string | undefined =>
    server && t("add.secured", { place: `${server.host}, ${server.port}` });
  const rows = [
    [t("add.reading"), place(imap)],
    [t("add.sending"), place(smtp)],
    [t("add.signing-in"), isPassword ? t("add.with-password") : hostsOf(issuer, discovery)],
  ] as const;
  return (
    <section className="found" aria-live="polite">
      <h2>{headline()}</h2>
      {recognisedBy === undefined ? null : <p className="soft">{t(`add.how.${recognisedBy}`)}</p>}
      {imap === undefined && discovery !== undefined ? <p>{t("add.found-nothing-text")}</p> : null}
      <dl className="values">
        {rows.map(([name, value]) =>
          value === undefined ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
      {quirks.length === 0 ? null : (
        <FoundFold
          title={t("add.worth-knowing")}
          lines={quirks}
          isOpen={discovery?.recognisedBy !== undefined}
        />
      )}
      {trail.length === 0 ? null : <FoundFold title={t("add.trail")} lines={trail} isOpen={false} />}
    </section>
  );

  function headline(): string {
    if (providerName !== undefined) return t("add.found-provider", { provider: providerName });
    if (discovery === undefined) return t("add.servers");
    return t(imap === undefined ? "add.found-nothing" : "add.found-unknown");
  }
}

/** Where a person is sent, and where the sign-in comes from, if those are two. */
function hostsOf(issuer: string | undefined, discovery: Discovery | undefined): string | undefined {
  const { authorization, token } = discovery?.endpoints ?? {};
  const hosts = [issuer, authorization, token]
    .filter((address) => address !== undefined)
    .map((address) => new URL(address).host);
  return hosts.length === 0 ? undefined : [...new Set(hosts)].join(", ");
}

function FoundFold({
  title,
  lines,
  isOpen,
}: {
  readonly title: string;
  readonly lines: readonly string[];
  readonly isOpen: boolean;
}) {
  return (
    <Fold title={title} isOpen={isOpen}>
      <ul lang="en">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </Fold>
  );
}

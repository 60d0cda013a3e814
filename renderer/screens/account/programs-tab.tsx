// The mail programs of an account: each local password is shown as the program that it was made for.
import { Link } from "react-aria-components";
import type { AccountView, Connection } from "../../../src/control/contract.ts";
import { Ago } from "../../components/ago.tsx";
import { formatRoute } from "../../routes.ts";
import { useSnapshot } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";

type LocalPassword = AccountView["passwords"][number];

export function ProgramsTab({ account }: { readonly account: AccountView }) {
  const { t } = useTexts();
  const { connections } = useSnapshot();
  const { email, passwords } = account;
  const mine = connections.filter((one) => one.account === email);
  return (
    <>
      {passwords.length === 0 ? (
        <p className="empty">{t("programs.empty")}</p>
      ) : (
        <ul className="cards">
          {passwords.map((password) => (
            <Program
              key={password.name}
              password={password}
              connections={mine.filter(({ passwordName }) => passwordName === password.name)}
            />
          ))}
        </ul>
      )}
      <Link
        className={account.status.kind === "working" ? "button primary" : "button"}
        href={formatRoute({ kind: "connect", email })}
      >
        {t("programs.connect")}
      </Link>
      <p className="soft">{t("programs.intro")}</p>
    </>
  );
}

function Program({
  password: { name, lastUsedAt },
  connections,
}: {
  readonly password: LocalPassword;
  readonly connections: readonly Connection[];
}) {
  const { t } = useTexts();
  const isHere = connections.some(({ state }) => state === "open");
  const itself = connections.findLast(({ program }) => program !== undefined)?.program;
  return (
    <li className="card">
      <div>
        <p className="card-title">{name}</p>
        {itself === undefined || itself === name ? null : (
          <p className="soft">{t("programs.calls-itself", { program: itself })}</p>
        )}
      </div>
      <p className="card-side">
        {isHere ? (
          <span className="tag tag-good">● {t("programs.connected")}</span>
        ) : lastUsedAt === undefined ? (
          <span className="soft">{t("programs.never-used")}</span>
        ) : (
          <span className="soft">
            {t("passwords.used")}: <Ago at={lastUsedAt} />
          </span>
        )}
      </p>
    </li>
  );
}

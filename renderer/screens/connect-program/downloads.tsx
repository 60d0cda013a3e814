// The files that the program takes. Invariant: they are made in the page; nothing with a password in it is asked of a server.
import { useEffect, useState } from "react";
import { Link } from "react-aria-components";
import type { ProgramFile } from "../../../src/mail-program/files.ts";
import type { Setup } from "../../../src/mail-program/program.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import { useTexts } from "../../texts.tsx";

export function Downloads({
  files,
  setup,
}: {
  readonly files: readonly ProgramFile[];
  readonly setup: Setup;
}) {
  const { t } = useTexts();
  if (files.length === 0) return null;
  return (
    <section className="values" aria-labelledby="connect-files">
      <h3 id="connect-files">{t(setup === "mutt" ? "connect.files-mutt" : "connect.files")}</h3>
      <ul className="cards">
        {files.map((file) => (
          <li key={file.name} className="file">
            <div className="file-line">
              <p>{t(`connect.file.${file.kind}`)}</p>
              <DownloadLink file={file} />
            </div>
            {file.command === undefined ? null : (
              <>
                <p className="soft">{t("connect.file-run")}</p>
                <div className="file-line">
                  <code>{file.command}</code>
                  <CopyButton text={file.command} name={t("connect.copy-command", { name: file.name })} />
                </div>
              </>
            )}
          </li>
        ))}
      </ul>
      {files.some(({ command }) => command !== undefined) ? (
        <p className="soft">{t("connect.file-secret")}</p>
      ) : null}
    </section>
  );
}

function DownloadLink({ file: { name, mediaType, text } }: { readonly file: ProgramFile }) {
  const { t } = useTexts();
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([text], { type: mediaType }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [text, mediaType]);
  if (url === undefined) return null;
  return (
    <Link className="button small" href={url} download={name}>
      {t("connect.download", { name })}
    </Link>
  );
}

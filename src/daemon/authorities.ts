// Whose certificates are trusted, for mail and for tokens alike: Node's (with NODE_EXTRA_CA_CERTS) and the configured
// authority file's. Set once for the whole process, so that no connection can forget it.
import { readFile } from "node:fs/promises";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { PosternError, systemCode } from "../errors/postern-error.ts";

const BUILT_IN = getCACertificates("default");
const PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** @throws PosternError `authority-file-unusable`; then what was trusted before stays */
export async function trustAuthorities(authorityFile: string | undefined): Promise<void> {
  if (authorityFile === undefined) {
    setDefaultCACertificates(BUILT_IN);
    return;
  }
  let text: string;
  try {
    text = await readFile(authorityFile, "utf8");
  } catch (thrown) {
    throw new PosternError("authority-file-unusable", {
      detail: `${authorityFile}: ${systemCode(thrown)}`,
      cause: thrown,
    });
  }
  const certificates = text.match(PEM);
  if (certificates === null) {
    throw new PosternError("authority-file-unusable", { detail: `${authorityFile} has no certificate` });
  }
  try {
    setDefaultCACertificates([...BUILT_IN, ...certificates]);
  } catch (thrown) {
    throw new PosternError("authority-file-unusable", { detail: authorityFile, cause: thrown });
  }
}

// Whose certificates are trusted, for mail and for tokens alike: Node's own (with NODE_EXTRA_CA_CERTS), the operating
// system's, and the configured file's. Decided for the whole process, so that no connection can forget it.
// Invariant: what was decided is in place before the next TLS connection, for every one of them passes `putInPlace`.
import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { PosternError, systemCode } from "../errors/postern-error.ts";

export interface TrustedAuthorities {
  /** A file with certificates in PEM form. */
  readonly authorityFile: string | undefined;
  readonly systemAuthorities: boolean;
}

/** Node's certificate stores; in PEM form, one certificate an element. */
export interface CertificateStores {
  current(): readonly string[];
  system(): readonly string[];
  replace(certificates: readonly string[]): void;
}

export interface Authorities {
  /** @throws PosternError `authority-file-unusable`; then what was trusted before stays */
  trust(chosen: TrustedAuthorities): Promise<void>;
  /** To be called before a TLS connection. Takes its time (60 ms) only the first time after `trust`. */
  putInPlace(): void;
  /** Why the system's authorities are wanted and yet not trusted, once that has shown. */
  systemFailure(): string | undefined;
}

const PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

export function createAuthorities(stores: CertificateStores): Authorities {
  let own: readonly string[] | undefined;
  let decided: { readonly ofFile: readonly string[]; readonly system: boolean } | undefined;
  let failure: string | undefined;

  /** A broken store must not keep mail from flowing to servers that need nothing of it. */
  function readSystem(): readonly string[] {
    try {
      return stores.system();
    } catch (thrown) {
      failure = systemCode(thrown) ?? String(thrown);
      return [];
    }
  }

  function replace(own: readonly string[], ofSystem: readonly string[], ofFile: readonly string[]): void {
    // One certificate that OpenSSL cannot read makes it refuse them all, so then the others are tried, and then none.
    const attempts = [() => ofSystem, () => ofSystem.filter(isCertificate), () => []];
    for (const attempt of attempts) {
      const system = attempt();
      try {
        stores.replace([...new Set([...own, ...system, ...ofFile])]);
        return;
      } catch (thrown) {
        failure = `some of its certificates cannot be read: ${systemCode(thrown) ?? String(thrown)}`;
      }
    }
  }

  return {
    async trust({ authorityFile, systemAuthorities }) {
      const ofFile = authorityFile === undefined ? [] : await readAuthorityFile(authorityFile);
      decided = { ofFile, system: systemAuthorities };
    },

    // Not in `trust`: reading the system's takes as long as the rest of Postern's start.
    putInPlace() {
      if (decided === undefined) return;
      const { ofFile, system } = decided;
      decided = undefined;
      failure = undefined;
      const untouched = own === undefined;
      own ??= stores.current();
      const ofSystem = system ? readSystem() : [];
      if (untouched && ofSystem.length + ofFile.length === 0) return;
      replace(own, ofSystem, ofFile);
    },

    systemFailure: () => failure,
  };
}

async function readAuthorityFile(path: string): Promise<readonly string[]> {
  const unusable = (detail: string, cause?: unknown) =>
    new PosternError("authority-file-unusable", { detail: `${path}${detail}`, cause });
  const text = await readFile(path, "utf8").catch((thrown: unknown) => {
    throw unusable(`: ${systemCode(thrown)}`, thrown);
  });
  const certificates = text.match(PEM);
  if (certificates === null) throw unusable(" has no certificate");
  if (!certificates.every(isCertificate)) throw unusable(" has a certificate that cannot be read");
  return certificates;
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}

/** This process's. */
export const authorities: Authorities = createAuthorities({
  current: () => getCACertificates("default"),
  system: () => getCACertificates("system"),
  replace: (certificates) => setDefaultCACertificates(certificates),
});

/** @throws PosternError `authority-file-unusable`; then what was trusted before stays */
export const trustAuthorities = authorities.trust;

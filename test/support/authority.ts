// A certificate authority for tests, made afresh each time and trusted by nobody who was not told to.
// Invariant: its chains are accepted by OpenSSL (also in strict mode), GnuTLS and Node without any lowered check.
import "./reflect-metadata.ts";
import { KeyObject, randomBytes, webcrypto } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";

export interface TestAuthority {
  readonly certificatePem: string;
  /**
   * A certificate for DNS names and IP addresses (an IP address becomes an IP entry of the subjectAltName).
   * Key (PKCS #8) and certificate (without the authority's) are PEM. Valid from an hour ago for 30 days unless told otherwise.
   */
  issue(names: readonly string[], options?: IssueOptions): Promise<IssuedCertificate>;
  /** Writes certificatePem into a file in `directory` and returns its path (for NODE_EXTRA_CA_CERTS, curl --cacert ...). */
  writeTo(directory: string): Promise<string>;
}

export interface IssueOptions {
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Signed with its own key: no authority vouches for it. */
  readonly selfSigned?: boolean;
  /** What the certificate may prove (extendedKeyUsage); "server" unless told otherwise. */
  readonly keyUsage?: "server" | "client";
}

export interface IssuedCertificate {
  readonly key: string;
  readonly certificate: string;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const KEY_ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING_ALGORITHM = { name: "ECDSA", hash: "SHA-256" } as const;

x509.cryptoProvider.set(webcrypto);

/** A new authority with its own ECDSA P-256 key and a name that no other authority has. */
export async function createTestAuthority(): Promise<TestAuthority> {
  const keys = await generateKeys();
  const name = [{ CN: [`Postern test authority ${randomBytes(4).toString("hex")}`] }];
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    serialNumber: createSerialNumber(),
    signingAlgorithm: SIGNING_ALGORITHM,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + 60 * DAY),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const certificatePem = formatCertificate(certificate);

  async function issue(names: readonly string[], options: IssueOptions = {}): Promise<IssuedCertificate> {
    const leafKeys = await generateKeys();
    const subject = [{ CN: [commonName(names)] }];
    const issuer = options.selfSigned ? { name: subject, keys: leafKeys } : { name, keys };
    const notAfter = options.notAfter ?? new Date(Date.now() + 30 * DAY);
    const leaf = await x509.X509CertificateGenerator.create({
      subject,
      issuer: issuer.name,
      publicKey: leafKeys.publicKey,
      signingKey: issuer.keys.privateKey,
      serialNumber: createSerialNumber(),
      signingAlgorithm: SIGNING_ALGORITHM,
      notBefore: options.notBefore ?? new Date(Math.min(Date.now() - HOUR, notAfter.getTime() - HOUR)),
      notAfter,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([
          options.keyUsage === "client" ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth,
        ]),
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value })),
        ),
        await x509.SubjectKeyIdentifierExtension.create(leafKeys.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
      ],
    });
    return { key: formatPrivateKey(leafKeys.privateKey), certificate: formatCertificate(leaf) };
  }

  async function writeTo(directory: string): Promise<string> {
    const path = join(directory, "test-authority.pem");
    await writeFile(path, certificatePem);
    return path;
  }

  return { certificatePem, issue, writeTo };
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
}

/** The commonName is only for people to read; RFC 5280 allows it 64 characters. */
function commonName(names: readonly string[]): string {
  const [first] = names;
  if (first === undefined) throw new TypeError("a certificate needs at least one name");
  return first.slice(0, 64);
}

/** 16 octets, always positive and never padded (RFC 5280 §4.1.2.2). */
function createSerialNumber(): string {
  return `01${randomBytes(15).toString("hex")}`;
}

function formatCertificate(certificate: x509.X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

function formatPrivateKey(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: "pkcs8", format: "pem" }).toString();
}

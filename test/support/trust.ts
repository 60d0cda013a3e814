// Makes this very process trust a test authority, for tests that run product code in-process.
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import type { TestAuthority } from "./authority.ts";

export function trustInThisProcess(authority: TestAuthority): void {
  setDefaultCACertificates([...getCACertificates("default"), authority.certificatePem]);
}

// Failures of the proxy that Postern was told to use; what lies behind it fails under its own codes.
import type { CatalogueEntry } from "./catalogue-entry.ts";

export const networkFailures = {
  "proxy-unreachable": {
    category: "network",
    temporary: true,
    sentence: "The proxy cannot be reached, or closes the connection.",
    action:
      "Nothing: the next try may work. If it lasts, check the address with: postern settings show. To go without a proxy: postern settings set sign-in-proxy none (or mail-proxy none).",
    wire: "The proxy cannot be reached; try again later",
  },
  "proxy-refused": {
    category: "configuration",
    temporary: false,
    sentence: "The proxy refuses to pass this connection on.",
    action:
      "If it wants a user and a password: postern settings set sign-in-proxy http://USER@PROXY:PORT (or mail-proxy), then postern settings set proxy-password FILE. If it allows no mail ports: postern settings set mail-proxy none",
    wire: "The proxy refuses the connection; see Postern",
  },
  "proxy-invalid": {
    category: "configuration",
    temporary: false,
    sentence: "The proxy setting cannot be used.",
    action:
      "Correct it: postern settings set sign-in-proxy http://PROXY:PORT (or mail-proxy; socks5:// works too, none goes without). The value environment takes HTTPS_PROXY or ALL_PROXY as Postern was started with.",
    wire: "The proxy setting needs attention in Postern",
  },
  "proxy-certificate": {
    category: "certificate",
    temporary: false,
    sentence: "The secure connection to the proxy failed.",
    action:
      "Check the proxy's host name. If your organisation has its own authority, name it: postern settings set authority-file FILE.",
    wire: "Secure connection failed",
  },
} as const satisfies Record<string, CatalogueEntry>;

// Which addresses may open in the person's own browser (threats.md G3).
// Invariants: https only, without credentials, of bounded length; and only what the daemon has named: a sign-in that it
// started, a page of a provider's guide, or the authorize host of an account. A page can add nothing to that.
import { type AccountView, contract, type Method } from "../src/control/contract.ts";

export interface ExternalLinks {
  /** Reads an answer of the daemon that has passed through here; other methods' answers are ignored. */
  learn(method: Method, answer: unknown): void;
  /** The address as it may be opened; undefined when it may not. */
  check(url: string, accounts: readonly AccountView[]): string | undefined;
}

/** Octets of the address before its parameters, and of these. */
const LONGEST = 2048;
const LONGEST_PARAMETERS = 8192;
/** Answers come again when a page asks again: the oldest may be forgotten. */
const MOST = 500;

export function createExternalLinks(): ExternalLinks {
  const named = new Set<string>();

  return {
    learn(method, answer) {
      for (const url of addressesIn(method, answer)) {
        const safe = safeAddress(url);
        if (safe === undefined) continue;
        named.delete(safe.href);
        named.add(safe.href);
      }
      for (const oldest of named) {
        if (named.size <= MOST) break;
        named.delete(oldest);
      }
    },
    check(text, accounts) {
      const url = safeAddress(text);
      if (url === undefined) return undefined;
      const isOpenable =
        named.has(url.href) || accounts.some((account) => authorizeHost(account) === url.host);
      return isOpenable ? url.href : undefined;
    },
  };
}

/** An https address that is harmless to hand to the system, whoever named it. */
export function safeAddress(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== "https:" || url.username !== "" || url.password !== "") return undefined;
  const parameters = url.search.length + url.hash.length;
  if (url.href.length - parameters > LONGEST || parameters > LONGEST_PARAMETERS) return undefined;
  return url;
}

/** Where the account's sign-ins begin, as far as its settings say. */
function authorizeHost(account: AccountView): string | undefined {
  if (account.kind !== "oauth") return undefined;
  return safeAddress(account.endpoints?.authorization ?? account.issuer)?.host;
}

/** Only fields in which the daemon names what a person should open: nothing that a stranger's server announced. */
function addressesIn(method: Method, answer: unknown): readonly string[] {
  switch (method) {
    case "sign-in.start": {
      const parsed = contract[method].response.safeParse(answer);
      if (!parsed.success) return [];
      const started = parsed.data;
      if (started.flow === "device") {
        return [started.verificationUri, ...optional(started.verificationUriComplete)];
      }
      return "authorizationUrl" in started ? [started.authorizationUrl] : [];
    }
    case "account.discover": {
      const parsed = contract[method].response.safeParse(answer);
      if (!parsed.success) return [];
      const { appPassword, instead } = parsed.data;
      const page = appPassword !== undefined && "page" in appPassword ? appPassword.page : undefined;
      return [...optional(page), ...optional(instead?.page)];
    }
    case "registration.show": {
      const parsed = contract[method].response.safeParse(answer);
      return parsed.success ? parsed.data.guide.steps.flatMap(({ url }) => optional(url)) : [];
    }
    default:
      return [];
  }
}

const optional = (text: string | undefined): readonly string[] => (text === undefined ? [] : [text]);

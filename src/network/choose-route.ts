// Chooses the way to a target from a setting and the environment (pure).
// Invariant: a setting or a variable that cannot be understood is a failure; nothing goes straight by accident.
import { PosternError } from "../errors/postern-error.ts";
import { isExcepted, isLoopback } from "./exception.ts";
import { DIRECT, type ProxyRoute, parseProxy, type Route, type Target } from "./route.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** In the order in which they count; the lower-case one wins, as with curl. */
const PROXY_VARIABLES = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] as const;
const EXCEPTION_VARIABLES = ["no_proxy", "NO_PROXY"] as const;
const EXPECTED = "is not an address like http://proxy:3128 or socks5://proxy:1080";

/**
 * @param setting "none"; "environment", where this machine itself is always reached straight; or a proxy's address without
 * a password, which is for every target but those in NO_PROXY
 * @throws PosternError `proxy-invalid`
 */
export function chooseRoute(setting: string, environment: Environment, target: Target): Route {
  if (setting === "none") return DIRECT;
  if (isExcepted(target, read(environment, EXCEPTION_VARIABLES)?.value ?? "")) return DIRECT;
  if (setting !== "environment") return proxyOfSetting(setting);
  if (isLoopback(target.host)) return DIRECT;
  const variable = read(environment, PROXY_VARIABLES);
  return variable === undefined ? DIRECT : requireProxy(variable.value, variable.name);
}

function proxyOfSetting(setting: string): ProxyRoute {
  const proxy = requireProxy(setting, "the setting");
  if (proxy.password !== undefined) {
    throw new PosternError("proxy-invalid", {
      detail: "the setting has a password in it, which belongs into the keychain",
    });
  }
  return proxy;
}

/** The text itself is not told: it may have a password in it. */
function requireProxy(text: string, source: string): ProxyRoute {
  const proxy = parseProxy(text);
  if (proxy === undefined) throw new PosternError("proxy-invalid", { detail: `${source} ${EXPECTED}` });
  return proxy;
}

/** The first variable that says anything. */
function read(
  environment: Environment,
  names: readonly string[],
): { readonly name: string; readonly value: string } | undefined {
  for (const name of names) {
    const value = environment[name]?.trim();
    if (value !== undefined && value !== "") return { name, value };
  }
  return undefined;
}

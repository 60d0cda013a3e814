import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/clock/clock.ts";
import { dial } from "../../../src/mail/dial/dial.ts";
import { chooseRoute } from "../../../src/network/choose-route.ts";
import { createFetch } from "../../../src/network/fetch.ts";
import { parseProxy, type Route, type Target } from "../../../src/network/route.ts";
import { createTestAuthority, type IssuedCertificate } from "../../support/authority.ts";
import { failureOf } from "../../support/failure-of.ts";
import {
  describeWithProxies,
  type ProxyLogin,
  type RealProxy,
  startMicrosocks,
  startTinyproxy,
} from "../../support/proxies.ts";
import { closedPort, startScriptedServer } from "../../support/scripted-server.ts";
import { trustInThisProcess } from "../../support/trust.ts";

const LOGIN: ProxyLogin = { user: "me", password: "sesame" };

describeWithProxies("through a real proxy", () => {
  let certificate: IssuedCertificate;

  beforeAll(async () => {
    const authority = await createTestAuthority();
    trustInThisProcess(authority);
    certificate = await authority.issue(["localhost"]);
  });

  describe.each([
    ["tinyproxy", startTinyproxy, undefined],
    ["tinyproxy with a password", startTinyproxy, LOGIN],
    ["microsocks", startMicrosocks, undefined],
    ["microsocks with a password", startMicrosocks, LOGIN],
  ])("%s", (_name, start, login) => {
    let proxy: RealProxy;

    beforeAll(async () => {
      proxy = await start(login);
    });
    afterAll(async () => {
      await proxy.stop();
    });

    function routeWith(userInfo: string): Route {
      const route = parseProxy(proxy.address.replace("//", `//${userInfo}`));
      if (route === undefined) throw new Error(proxy.address);
      return route;
    }
    const route = () => routeWith(login === undefined ? "" : `${login.user}:${login.password}@`);

    test("mail goes, inside TLS with the mail server", async () => {
      const server = await startScriptedServer({
        tls: certificate,
        async script(connection) {
          await connection.write("* OK ready\r\n");
          const tag = (await connection.readLine()).split(" ")[0];
          await connection.write(`* ${"x".repeat(300_000)}\r\n${tag} OK done\r\n`);
        },
      });
      const endpoint = { host: "localhost", port: server.port, tls: "implicit" } as const;
      const { transport, destroy } = await dial(endpoint, systemClock, route());
      const { reader } = transport.wire;
      const text = async () => {
        const line = await reader.readLine(400_000, 0);
        return line.kind === "line" ? line.octets.toString() : line.kind;
      };
      expect(await text()).toBe("* OK ready");
      transport.wire.write("a1 NOOP\r\n");
      expect(await text()).toHaveLength(300_002);
      expect(await text()).toBe("a1 OK done");
      expect(await proxy.tunnelsTo("localhost", server.port)).toBe(1);
      destroy();
      await server.connections[0]?.closed;
      await server.close();
    });

    test("tokens go, inside TLS with the authorization server", async () => {
      const server = createServer(
        { key: certificate.key, cert: certificate.certificate },
        (request, response) => {
          request.pipe(response);
        },
      );
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const fetchThrough = createFetch(async () => route(), systemClock);
      const response = await fetchThrough(`https://localhost:${port}/token`, { method: "POST", body: "a=b" });
      expect(await response.text()).toBe("a=b");
      expect(await proxy.tunnelsTo("localhost", port)).toBe(1);
      server.close();
      server.closeAllConnections();
    });

    test.each<[string, () => Promise<Target>]>([
      ["a port that nobody listens at", async () => ({ host: "localhost", port: await closedPort() })],
      ["a host that does not exist", async () => ({ host: "nowhere.invalid", port: 993 })],
    ])("%s is the mail server's failure", async (_what, target) => {
      const endpoint = { ...(await target()), tls: "implicit" } as const;
      const failure = await failureOf(dial(endpoint, systemClock, route()));
      expect(failure.code).toBe("upstream-unreachable");
    });

    const wrongLogins = [
      ["none", ""],
      ["a wrong one", "me:wrong@"],
    ] as const;
    test.each(login === undefined ? [] : wrongLogins)(
      "who has no password but %s is told what to do",
      async (_what, userInfo) => {
        const endpoint = { host: "localhost", port: 993, tls: "implicit" } as const;
        const failure = await failureOf(dial(endpoint, systemClock, routeWith(userInfo)));
        expect(failure.code).toBe("proxy-refused");
        expect(failure.action).toContain("proxy-password");
        expect(failure.detail).toMatch(userInfo === "" ? /wants a user/ : /does not accept this user/);
      },
    );

    test("an address that is set by hand is used for this machine too, and NO_PROXY keeps it away", async () => {
      const target = { host: "localhost", port: 993 };
      expect(chooseRoute(proxy.address, {}, target)).toEqual(routeWith(""));
      expect(chooseRoute(proxy.address, { NO_PROXY: "localhost" }, target)).toEqual({ kind: "direct" });
    });
  });
});

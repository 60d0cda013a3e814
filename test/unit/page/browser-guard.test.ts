// What another site can make a browser send to a port of this machine, and that none of it is answered (threats.md C1, C2).
import { describe, expect, test } from "vitest";
import { judge } from "../../../src/page/browser-guard.ts";

const HOST = "127.0.0.1:8401";
const OWN = { host: HOST, isAwaited: false };

type Headers = readonly (readonly [name: string, value: string])[];

const statusOf = (method: string, target: string, headers: Headers, parts = OWN): number | undefined =>
  judge({ method, target, rawHeaders: headers.flat() }, parts)?.status;

const asPage: Headers = [
  ["Host", HOST],
  ["Origin", `http://${HOST}`],
  ["Sec-Fetch-Site", "same-origin"],
  ["Content-Type", "application/json"],
];
const without = (name: string, headers = asPage): Headers => headers.filter(([one]) => one !== name);
const changed = (name: string, value: string): Headers => [...without(name), [name, value]];

describe("our own page", () => {
  test("is answered", () => {
    expect(statusOf("POST", "/control/status", asPage)).toBeUndefined();
    expect(statusOf("GET", "/assets/a.js", without("Origin"))).toBeUndefined();
  });

  test("is answered where a person has typed the address", () => {
    expect(
      statusOf("GET", "/", [
        ["Host", HOST],
        ["Sec-Fetch-Site", "none"],
      ]),
    ).toBeUndefined();
    expect(statusOf("GET", "/", [["Host", HOST]])).toBeUndefined();
  });
});

describe("everybody else is refused", () => {
  test.each<[string, number, string, string, Headers]>([
    ["a name that was rebound", 421, "POST", "/control/status", changed("Host", "evil.example:8401")],
    ["localhost", 421, "GET", "/", [["Host", "localhost:8401"]]],
    ["another port", 421, "GET", "/", [["Host", "127.0.0.1:8402"]]],
    ["the bare address", 421, "GET", "/", [["Host", "127.0.0.1"]]],
    ["no Host", 400, "GET", "/", []],
    [
      "two Hosts",
      400,
      "GET",
      "/",
      [
        ["Host", HOST],
        ["host", "evil.example"],
      ],
    ],
    ["an absolute target", 400, "GET", `http://${HOST}/`, [["Host", HOST]]],
    ["another origin", 403, "POST", "/control/status", changed("Origin", "https://evil.example")],
    ["another port's origin", 403, "POST", "/control/status", changed("Origin", "http://127.0.0.1:80")],
    ["no origin at all (null)", 403, "POST", "/control/status", changed("Origin", "null")],
    ["a second origin", 403, "POST", "/control/status", [...asPage, ["Origin", "https://evil.example"]]],
    ["a cross-site request", 403, "POST", "/control/status", changed("Sec-Fetch-Site", "cross-site")],
    [
      "a same-site request",
      403,
      "GET",
      "/assets/a.js",
      [
        ["Host", HOST],
        ["Sec-Fetch-Site", "same-site"],
      ],
    ],
    ["a form", 415, "POST", "/control/status", changed("Content-Type", "application/x-www-form-urlencoded")],
    ["text", 415, "POST", "/control/status", changed("Content-Type", "text/plain")],
    ["no type", 415, "POST", "/control/status", without("Content-Type")],
    ["a preflight", 405, "OPTIONS", "/control/status", without("Content-Type")],
    ["another method", 405, "PUT", "/control/status", asPage],
    [
      "a WebSocket",
      400,
      "GET",
      "/control-events",
      [
        ["Host", HOST],
        ["Upgrade", "websocket"],
      ],
    ],
  ])("%s", (_what, status, method, target, headers) => {
    expect(statusOf(method, target, headers)).toBe(status);
  });
});

describe("while a person is on the way here from the file that leads here", () => {
  const awaited = { host: HOST, isAwaited: true };
  const arriving: Headers = [
    ["Host", HOST],
    ["Sec-Fetch-Site", "cross-site"],
    ["Sec-Fetch-Mode", "navigate"],
    ["Sec-Fetch-Dest", "document"],
  ];

  test("their tab may load the page, and no longer once they have come", () => {
    expect(statusOf("GET", "/", arriving, awaited)).toBeUndefined();
    expect(statusOf("GET", "/", arriving)).toBe(403);
  });

  test.each<[string, string, string, Headers]>([
    ["a frame", "GET", "/", [...arriving.slice(0, 3), ["Sec-Fetch-Dest", "iframe"]]],
    ["a script", "GET", "/assets/a.js", arriving],
    ["a form", "POST", "/", [...arriving, ["Content-Type", "application/json"]]],
    ["a method", "GET", "/control/status", arriving],
    [
      "a picture",
      "GET",
      "/",
      [
        ["Host", HOST],
        ["Sec-Fetch-Site", "cross-site"],
        ["Sec-Fetch-Mode", "no-cors"],
      ],
    ],
  ])("%s may not", (_what, method, target, headers) => {
    expect(statusOf(method, target, headers, awaited)).toBe(403);
  });
});

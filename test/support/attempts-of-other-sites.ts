// What a page of another site can do to a port of this machine, as scripts that are run in such a page. In each, `own` is the
// window's address and `body` the JSON that would make a local password.

export interface Attempt {
  readonly name: string;
  readonly script: string;
  /** What reaches the port by it: a preflight, where Chromium asks first whether it may. */
  readonly method: "GET" | "POST" | "OPTIONS";
}

const CHANGE = "own + '/control/password.create'";

const fetched = (options: string): string =>
  `await fetch(${CHANGE}, { method: 'POST', body, ${options} }).then((answer) => answer.text())`;
const element = (tag: string, attributes: string): string =>
  `document.body.append(Object.assign(document.createElement('${tag}'), { ${attributes} }))`;
/** After the script has returned: it takes the page away. */
const later = (action: string): string => `setTimeout(() => { ${action} }, 0)`;
const form = (enctype: string, target: string): string =>
  later(
    `const form = Object.assign(document.createElement('form'), { method: 'POST', enctype: '${enctype}', target: '${target}', action: ${CHANGE} });
    form.append(Object.assign(document.createElement('input'), { name: body.slice(0, -1) + ',"x":"', value: '"}' }));
    document.body.append(form);
    form.submit();`,
  );

export const ATTEMPTS: readonly Attempt[] = [
  { name: "a form whose text is JSON", method: "POST", script: form("text/plain", "_self") },
  { name: "an ordinary form", method: "POST", script: form("application/x-www-form-urlencoded", "_blank") },
  { name: "a no-cors fetch", method: "POST", script: fetched("mode: 'no-cors'") },
  { name: "a fetch of text", method: "POST", script: fetched("headers: { 'content-type': 'text/plain' }") },
  {
    name: "a fetch of JSON",
    method: "OPTIONS",
    script: fetched("headers: { 'content-type': 'application/json' }"),
  },
  {
    name: "a fetch with a bearer",
    method: "OPTIONS",
    script: fetched(
      `headers: { 'content-type': 'application/json', authorization: 'Bearer ${"x".repeat(43)}' }`,
    ),
  },
  {
    name: "a fetch with cookies, if there were any",
    method: "POST",
    script: fetched("credentials: 'include'"),
  },
  {
    name: "reading the page by fetch",
    method: "GET",
    script: "await fetch(own + '/').then((answer) => answer.text())",
  },
  { name: "a beacon", method: "POST", script: `navigator.sendBeacon(${CHANGE}, body)` },
  {
    name: "a beacon of JSON",
    method: "OPTIONS",
    script: `navigator.sendBeacon(${CHANGE}, new Blob([body], { type: 'application/json' }))`,
  },
  { name: "an image", method: "GET", script: element("img", "src: own + '/control/status'") },
  { name: "a script", method: "GET", script: element("script", "src: own + '/control/status'") },
  { name: "a module", method: "GET", script: element("script", "type: 'module', src: own + '/'") },
  { name: "a style sheet", method: "GET", script: element("link", "rel: 'stylesheet', href: own + '/'") },
  { name: "an EventSource", method: "GET", script: "new EventSource(own + '/control-events')" },
  {
    name: "a WebSocket",
    method: "GET",
    script: "new WebSocket(own.replace('http', 'ws') + '/control-events')",
  },
  { name: "a frame", method: "GET", script: element("iframe", "src: own + '/'") },
  { name: "an object", method: "GET", script: element("object", "data: own + '/'") },
  { name: "a prefetch", method: "GET", script: element("link", "rel: 'prefetch', href: own + '/'") },
  { name: "a tab of its own", method: "GET", script: "window.open(own + '/#/settings')" },
  { name: "going there", method: "GET", script: later("location.href = own + '/#/settings'") },
];

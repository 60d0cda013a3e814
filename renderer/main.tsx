// The window's entry: the way in, then the app.
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { browserPlace } from "./browser-place.ts";
import { createControl } from "./control.ts";
import { forgiveCorrectedFields } from "./corrected-fields.ts";
import { openSession, parseSecret } from "./session.ts";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/window.css";
import "./styles/screens.css";
import "./styles/wizard.css";
import "./styles/connect.css";

const root = document.getElementById("root");
if (root !== null) {
  const session = await openSession(browserPlace);
  // A new address, typed where this page is already: a browser changes the fragment then, and loads nothing.
  window.addEventListener("hashchange", () => {
    if (parseSecret(window.location.hash) !== undefined) window.location.reload();
  });
  forgiveCorrectedFields(document);
  createRoot(root).render(<App control={createControl(session.bearer)} />);
}

// The window's entry: the way in, then the app.
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { createControl } from "./control.ts";
import { browserPlace, openSession } from "./session.ts";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/window.css";
import "./styles/screens.css";
import "./styles/wizard.css";

const root = document.getElementById("root");
if (root !== null) {
  const session = await openSession(browserPlace(window));
  createRoot(root).render(<App control={createControl(session.bearer)} />);
}

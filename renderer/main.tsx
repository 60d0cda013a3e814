// The window's entry: one screen, which shows how everything is.
import { createRoot } from "react-dom/client";
import { createControl } from "./control.ts";
import { Overview } from "./screens/overview.tsx";

const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<Overview control={createControl()} />);

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { cssVariables } from "./app/palette";
import { makeQueryClient } from "./app/queries";
import { startLanguage } from "./i18n/language";
import "./app/page.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
for (const [name, value] of cssVariables()) document.documentElement.style.setProperty(name, value);
await startLanguage();
createRoot(root).render(
  <StrictMode>
    <App client={makeQueryClient()} />
  </StrictMode>,
);

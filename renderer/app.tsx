// The window: what is known decides whether there is anything to show; the address decides which screen.
import { Button, I18nProvider } from "react-aria-components";
import { Announcer } from "./components/announcer.tsx";
import { Banners } from "./components/banners.tsx";
import { Sidebar } from "./components/sidebar.tsx";
import type { Control } from "./control.ts";
import type { Route } from "./routes.ts";
import { AccountScreen } from "./screens/account/account-screen.tsx";
import { ActivityScreen } from "./screens/activity/activity-screen.tsx";
import { AddAccountScreen } from "./screens/add-account/add-account-screen.tsx";
import { ConnectScreen } from "./screens/connect-program/connect-screen.tsx";
import { Home } from "./screens/home.tsx";
import { RegistrationScreen } from "./screens/register/registration-screen.tsx";
import { SettingsScreen } from "./screens/settings/settings-screen.tsx";
import { SignInScreen } from "./screens/sign-in/sign-in-screen.tsx";
import { Away, Connecting, Locked } from "./screens/waiting.tsx";
import { useWindowState, WindowStateProvider } from "./state/window-state.tsx";
import { TextsProvider, useTexts } from "./texts.tsx";
import { useRoute } from "./use-route.ts";

export function App({ control }: { readonly control: Control }) {
  return (
    <WindowStateProvider control={control}>
      <TextsProvider>
        <Spoken />
      </TextsProvider>
    </WindowStateProvider>
  );
}

/** The components' own words follow the window's language. */
function Spoken() {
  const { language } = useTexts();
  return (
    <I18nProvider locale={language}>
      <Announcer>
        <Contents />
      </Announcer>
    </I18nProvider>
  );
}

function Contents() {
  const state = useWindowState();
  const route = useRoute();
  const { t } = useTexts();
  if (state.kind === "connecting") return <Connecting />;
  if (state.kind === "locked") return <Locked />;
  if (state.kind === "away" && state.snapshot === undefined) return <Away since={state.since} />;
  return (
    <div className="window" data-route={route.kind}>
      <Button className="skip" onPress={skip}>
        {t("app.skip")}
      </Button>
      <Sidebar route={route} />
      <main id="content" tabIndex={-1}>
        <Banners />
        <Screen route={route} />
      </main>
    </div>
  );
}

/** No link: the address is the route, so it must not become `#content`. */
function skip(): void {
  document.getElementById("content")?.focus();
}

function Screen({ route }: { readonly route: Route }) {
  switch (route.kind) {
    case "account":
      return <AccountScreen key={route.email} email={route.email} tab={route.tab} />;
    case "add":
      return <AddAccountScreen />;
    case "sign-in":
      return <SignInScreen key={route.email} email={route.email} />;
    case "register":
      return <RegistrationScreen key={route.provider} provider={route.provider} />;
    case "connect":
      return <ConnectScreen key={route.email} email={route.email} />;
    case "activity":
      return <ActivityScreen />;
    case "settings":
      return <SettingsScreen />;
    default:
      return <Home />;
  }
}

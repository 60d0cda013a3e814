// What particular providers refuse, and why, where "sign in again" would not say enough (oauth.md §3).
// Words in capitals are filled in from the failure's values; EMAIL by the fronts.
import type { CatalogueEntry } from "./catalogue-entry.ts";

const SIGN_IN_AGAIN = "Sign in again in Postern";
const BLOCKED = "Your organisation blocks this sign-in; see Postern";
const SETTINGS = "The sign-in settings need attention in Postern";

export const providerFailures = {
  "sign-in-unused": {
    category: "sign-in",
    temporary: false,
    sentence: "The sign-in was not used for 90 days or so, and your provider has ended it.",
    action: "Sign in again: postern login EMAIL. While Postern runs, it keeps the sign-in in use.",
    wire: SIGN_IN_AGAIN,
  },
  "sign-in-for-web-pages": {
    category: "sign-in",
    temporary: false,
    sentence:
      "The app is registered as a web page, so each sign-in ends after 24 hours whatever Postern does.",
    action:
      "Have the app CLIENT-ID registered as a desktop app: in Entra, under Authentication, take REDIRECT-URI out of 'Single-page application' and put it under 'Mobile and desktop applications'. Then sign in again: postern login EMAIL",
    wire: SIGN_IN_AGAIN,
  },
  "sign-in-frequency": {
    category: "sign-in",
    temporary: false,
    sentence: "Your organisation asks for a new sign-in every so often, and it is time for one.",
    action:
      "Sign in again: postern login EMAIL. Your organisation wants this every PERIOD, and only it can change that.",
    wire: SIGN_IN_AGAIN,
  },
  "sign-in-password-changed": {
    category: "sign-in",
    temporary: false,
    sentence: "Your password has changed, or somebody has ended all your sign-ins.",
    action: "Sign in again: postern login EMAIL",
    wire: SIGN_IN_AGAIN,
  },
  "sign-in-second-check": {
    category: "sign-in",
    temporary: false,
    sentence: "Your organisation wants a second check, such as a code or a confirmation on your phone.",
    action: "Sign in again and go through it in the browser: postern login EMAIL",
    wire: SIGN_IN_AGAIN,
  },
  "consent-missing": {
    category: "sign-in",
    temporary: false,
    sentence: "Permission to read and send mail was not given.",
    action:
      "Sign in again and agree: postern login EMAIL. If only an administrator may agree, send them this link: CONSENT-URL",
    wire: SIGN_IN_AGAIN,
  },
  "sign-in-session-lost": {
    category: "sign-in",
    temporary: false,
    sentence: "Your provider lost the thread of this sign-in.",
    action: "Sign in again: postern login EMAIL",
    wire: SIGN_IN_AGAIN,
  },
  "sign-in-code-spent": {
    category: "sign-in",
    temporary: false,
    sentence:
      "Your provider does not take the browser's code: it was used already, is too old, or is another sign-in's.",
    action: "Start once more: postern login EMAIL",
    wire: SIGN_IN_AGAIN,
  },
  "account-not-here": {
    category: "sign-in",
    temporary: false,
    sentence:
      "This account cannot use this sign-in: it belongs to another organisation or is of another kind.",
    action:
      "Sign in with another account: postern login EMAIL. If it is the right one, an administrator must add it as a guest.",
    wire: SIGN_IN_AGAIN,
  },
  "account-locked": {
    category: "refused",
    temporary: true,
    sentence: "Your provider has locked or disabled this person's account.",
    action:
      "A lock after wrong passwords passes by itself; otherwise ask your IT department. Postern keeps the sign-in and asks again every five minutes.",
    wire: "Your provider has locked this account; see Postern",
  },
  "conditional-access-blocked": {
    category: "refused",
    temporary: false,
    sentence: "Your organisation blocks this app or this device.",
    action:
      "Send the details to your IT department: trace id TRACE-ID, correlation id CORRELATION-ID. Postern keeps the sign-in and asks again every five minutes, so mail comes back by itself when the block is lifted.",
    wire: BLOCKED,
  },
  "admin-approval-needed": {
    category: "refused",
    temporary: false,
    sentence: "Your IT department must allow this app first.",
    action:
      "Send them this link, with which an administrator allows it: CONSENT-URL. Then sign in again: postern login EMAIL",
    wire: BLOCKED,
  },
  "public-client-flows-off": {
    category: "configuration",
    temporary: false,
    sentence: "The app's registration wants a client secret, because it is not marked as a public client.",
    action:
      "In Entra, for the app CLIENT-ID, under Authentication, set 'Allow public client flows' to Yes. Or add the account again with the app's secret: --client-secret-file FILE",
    wire: SETTINGS,
  },
  "client-secret-unwanted": {
    category: "configuration",
    temporary: false,
    sentence: "The app is a public client, and must be used without a client secret.",
    action: "Add the account again without --client-secret-file.",
    wire: SETTINGS,
  },
  "client-secret-wrong": {
    category: "configuration",
    temporary: false,
    sentence: "The app's secret or certificate is wrong or has expired.",
    action:
      "Get a new one from whoever registered the app CLIENT-ID, and add the account again with it: --client-secret-file FILE",
    wire: SETTINGS,
  },
  "redirect-for-web-pages": {
    category: "configuration",
    temporary: false,
    sentence: "The redirect address is registered for web pages, so only a web page may finish the sign-in.",
    action:
      "Have REDIRECT-URI registered for the app CLIENT-ID under 'Mobile and desktop applications', and taken out of 'Single-page application' and 'Web'.",
    wire: SETTINGS,
  },
  "redirect-uri-mismatch": {
    category: "configuration",
    temporary: false,
    sentence: "The redirect address is not registered for this app.",
    action:
      "Have exactly this one registered for a desktop app, under the client id CLIENT-ID: REDIRECT-URI. If the provider compares ports too, register it with one, and add the account again with it: --redirect-uri",
    wire: SETTINGS,
  },
  "request-malformed": {
    category: "configuration",
    temporary: false,
    sentence: "Your provider calls the request malformed; a setting of the account is probably wrong.",
    action:
      "Check the account's client id, scope and endpoints: postern account show EMAIL. If they are right, report the detail to Postern's authors.",
    wire: SETTINGS,
  },
  "wrong-tenant-endpoint": {
    category: "configuration",
    temporary: false,
    sentence: "The app cannot be used at this sign-in address, because it is not for every kind of account.",
    action: "Add the account again with --issuer ISSUER",
    wire: SETTINGS,
  },
  "scope-refused": {
    category: "configuration",
    temporary: false,
    sentence: "Your provider does not accept the scope that the account asks for.",
    action:
      "The scope is: SCOPE. Check it with the provider, and that the app may ask for it. At Microsoft all of it must belong to one resource, such as https://outlook.office.com/. Then add the account again with --scope.",
    wire: SETTINGS,
  },
  "request-loop": {
    category: "throttled",
    temporary: true,
    sentence: "Your provider says that Postern asked for the same thing too often.",
    action:
      "Nothing: Postern waits for five minutes. If it comes back, report it to Postern's authors with the log.",
    wire: "The sign-in server wants a pause; Postern tries again by itself",
  },
  "device-flow-blocked": {
    category: "sign-in",
    temporary: false,
    sentence: "Your organisation does not allow signing in with a code on another device.",
    action:
      "Sign in with a browser instead: postern login EMAIL --flow paste works anywhere; over ssh, so does postern login EMAIL --flow loopback --redirect-port PORT with ssh -L PORT:127.0.0.1:PORT",
    wire: SIGN_IN_AGAIN,
  },
  "device-code-pending": {
    category: "sign-in",
    temporary: true,
    sentence: "Your provider is still waiting for somebody to type the code in.",
    action: "Type it in on the page that was named.",
    wire: SIGN_IN_AGAIN,
  },
  "device-code-wrong": {
    category: "sign-in",
    temporary: false,
    sentence: "Your provider does not know the code, or it was typed in wrongly.",
    action: "Get a new code: postern login EMAIL --flow device",
    wire: SIGN_IN_AGAIN,
  },
  "device-code-used": {
    category: "sign-in",
    temporary: false,
    sentence: "The code had been used or declined already.",
    action: "Get a new code: postern login EMAIL --flow device",
    wire: SIGN_IN_AGAIN,
  },
  "sign-in-timed-out-microsoft": {
    category: "sign-in",
    temporary: false,
    sentence: "Nobody finished the sign-in at Microsoft within ten minutes.",
    action:
      "Start again with: postern login EMAIL. If the page showed an error instead: AADSTS50011 means that the redirect address is not registered for the app; 65001, 90094 or 'Need admin approval', that an administrator must allow the app; 700016, that the client id is unknown there; 50194, that the issuer must name the tenant id; 50020, that the account belongs to another organisation; 53003, that your organisation blocks the app or device.",
    wire: SIGN_IN_AGAIN,
  },
  "google-sign-in-revoked": {
    category: "sign-in",
    temporary: false,
    sentence:
      "Google has ended the sign-in: access was withdrawn, your password changed, or there were too many sign-ins with this app.",
    action:
      "Sign in again: postern login EMAIL. If it happens every so often, ask whether your Workspace limits how long a sign-in lasts.",
    wire: SIGN_IN_AGAIN,
  },
  "google-sign-in-unused": {
    category: "sign-in",
    temporary: false,
    sentence:
      "Google has ended the sign-in: it was unused for six months, access was withdrawn, or your password changed.",
    action: "Sign in again: postern login EMAIL. While Postern runs, it keeps the sign-in in use.",
    wire: SIGN_IN_AGAIN,
  },
  "google-testing-expiry": {
    category: "sign-in",
    temporary: false,
    sentence: "The sign-in lasted for seven days, as with every Google project that is in Testing.",
    action:
      "In the Google Cloud console, under Google Auth Platform, Audience, press 'Publish app'. Then sign in again, and it lasts: postern login EMAIL",
    wire: SIGN_IN_AGAIN,
  },
  "google-reauthentication": {
    category: "sign-in",
    temporary: false,
    sentence: "Your Google Workspace asks for a new sign-in every so often, and it is time for one.",
    action:
      "Sign in again: postern login EMAIL. Your administrator can exempt the app: in the Admin console, under Security, Google Cloud session control.",
    wire: SIGN_IN_AGAIN,
  },
  "google-client-deleted": {
    category: "configuration",
    temporary: false,
    sentence: "Google has deleted this client id, as it does with those that nobody used for six months.",
    action:
      "Within 30 days its owner can restore it in the Google Cloud console, under Google Auth Platform, Clients. After that, make a new one and add the account again with it.",
    wire: SETTINGS,
  },
  "google-admin-blocks": {
    category: "refused",
    temporary: false,
    sentence: "Your Google Workspace does not let this app read mail.",
    action:
      "Ask the administrator to trust the client id CLIENT-ID: in the Admin console, under Security, Access and data control, API controls, Manage app access.",
    wire: BLOCKED,
  },
  "google-client-internal": {
    category: "configuration",
    temporary: false,
    sentence: "The app is only for people of the organisation that registered it.",
    action:
      "Sign in with an account of that organisation, or make your own client id and add the account again with it.",
    wire: SETTINGS,
  },
  "browser-not-accepted": {
    category: "sign-in",
    temporary: false,
    sentence: "Your provider does not accept a sign-in from this browser.",
    action: "Open the address in an ordinary browser, not in one that is part of another program.",
    wire: SIGN_IN_AGAIN,
  },
  "sign-in-timed-out-google": {
    category: "sign-in",
    temporary: false,
    sentence: "Nobody finished the sign-in at Google within ten minutes.",
    action:
      "Start again with: postern login EMAIL. If the page showed an error instead: admin_policy_enforced means that your Workspace administrator must trust the app; org_internal, that the app is only for its own organisation; redirect_uri_mismatch, that the client id is not one for a desktop app; deleted_client, that Google deleted it after six months without use; access_denied with 'has not completed the verification', that your address is not among the app's test users; disallowed_useragent, that an ordinary browser is needed.",
    wire: SIGN_IN_AGAIN,
  },
} as const satisfies Record<string, CatalogueEntry>;

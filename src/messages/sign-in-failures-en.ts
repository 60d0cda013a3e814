// What the window says when a sign-in fails or has ended, in English: what happened, and what to do in the window.
// Invariant: no command lines, and none of the words that only experts know.
import type { FailureText } from "./failure-text.ts";

export const signInFailuresEn = {
  "authorization-server-unreachable": {
    say: "Your provider’s sign-in page cannot be reached.",
    do: "An account that is signed in stays so, and Postern keeps trying. If you are signing in now, try again in a while; if it lasts, check this computer’s network connection.",
  },
  "authorization-server-failing": {
    say: "Your provider’s sign-in has a problem that usually passes.",
    do: "An account that is signed in stays so, and Postern keeps trying. If you are signing in now, try again in a while.",
  },
  "authorization-server-certificate": {
    say: "The secure connection to your provider’s sign-in page failed.",
    do: "If your organisation inspects secure connections, name its certificate authority in the settings. Otherwise do not trust this network.",
  },
  "authorization-server-metadata": {
    say: "The sign-in address of this account does not tell how to sign in.",
    do: "The address may be mistyped. Add the account again and correct it there.",
  },
  "refresh-elsewhere": {
    say: "Another copy of Postern is busy with this sign-in and does not finish.",
    do: "Postern keeps trying. If it lasts, quit the other copy.",
  },
  "signed-out": {
    say: "You are not signed in to this account, so no mail is fetched or sent.",
    do: "Sign in once in your browser; mail then goes on by itself.",
  },
  "sign-in-refused-once": {
    say: "Your provider refused the sign-in once.",
    do: "Postern asks again in a minute. If it lasts, sign in again.",
  },
  "sign-in-ended": {
    say: "Your provider has ended the sign-in, so mail has stopped.",
    do: "Sign in again; your mail programs need no change.",
  },
  "sign-in-denied": {
    say: "The sign-in was cancelled or refused in the browser.",
    do: "Try again when you are ready.",
  },
  "sign-in-answer-refused": {
    say: "An answer came that does not belong to this sign-in, so it was not used.",
    do: "Start again. If it happens again, somebody may be interfering.",
  },
  "sign-in-timed-out": {
    say: "Nobody finished the sign-in in the browser within ten minutes.",
    do: "Start again when you are ready.",
  },
  "sign-in-cancelled": { say: "The sign-in was cancelled.", do: "Start again when you are ready." },
  "sign-in-as-somebody-else": {
    say: "Somebody else signed in than this account is for, so nothing was kept.",
    do: "Sign in with this account’s own address. A private browser window helps when the browser keeps choosing the other one.",
  },
  "sign-in-not-agreed": {
    say: "Somebody else signed in than this account is for, and nobody agreed to that, so nothing was kept.",
    do: "Sign in with this account’s own address.",
  },
  "identity-not-proven": {
    say: "Postern could not be sure who signed in, so nothing was kept.",
    do: "Check this computer’s clock, then sign in again. If it happens again, somebody may be interfering.",
  },
  "scope-not-granted": {
    say: "Permission was not given for everything that mail needs.",
    do: "Sign in again and leave every permission ticked.",
  },
  "answer-unusable": {
    say: "The pasted text does not hold this sign-in’s answer.",
    do: "Paste the whole address at which the browser ended, even where the page says that it cannot be reached; or the code, if a page shows one.",
  },
  "redirect-port-taken": {
    say: "Another program is in the way of the browser’s answer.",
    do: "Quit that program and sign in again, or paste the browser’s answer instead.",
  },
  "flow-not-offered": {
    say: "Your provider does not offer this way of signing in.",
    do: "Choose another way: in the browser here, or by pasting the answer.",
  },
  "device-address-refused": {
    say: "The page for the code is not one of your provider’s own, so the sign-in was stopped.",
    do: "Do not open that page. Sign in with the browser here instead.",
  },
  "device-code-expired": { say: "The code expired before anybody typed it in.", do: "Get a new code." },
  "import-refused": {
    say: "Your provider does not accept the sign-in that was brought along, so nothing was kept.",
    do: "Sign in in your browser instead.",
  },
  "token-access-off": {
    say: "Other programs may not use this account’s sign-in directly.",
    do: "This is the safe setting. Programs that need it can be allowed on the command line.",
  },
  "revocation-failed": {
    say: "You are signed out here, but your provider did not confirm that it has ended the sign-in.",
    do: "End it on your provider’s page for connected apps.",
  },
  "registration-refused": {
    say: "Your provider did not accept Postern by itself.",
    do: "A client id is needed: enter the one that you got from your provider.",
  },
  "discovery-incomplete": {
    say: "Not everything that signing in takes could be found out from the address.",
    do: "Add the account again and fill in what is missing.",
  },
  "sign-in-not-lasting": {
    say: "Your provider gave a sign-in that ends within the hour, so it was not kept.",
    do: "The permission for lasting access is missing. Add the account again with it, under the technical details.",
  },
  "oauth-client-refused": {
    say: "Your provider does not accept the client id of this account, or what goes with it.",
    do: "Check it at the provider, then add the account again with the right one.",
  },
  "access-token-unusable": {
    say: "Your provider gave a sign-in that cannot be used for mail.",
    do: "Report this to the provider, with the technical details.",
  },
  "sign-in-unused": {
    say: "The sign-in was not used for about 90 days, so your provider has ended it.",
    do: "Sign in again. While Postern runs, it keeps the sign-in in use.",
  },
  "sign-in-for-web-pages": {
    say: "The app is registered as a web page, so each sign-in ends after 24 hours.",
    do: "Whoever registered the app must register it as a desktop app; the guide shows where. Then sign in again.",
  },
  "sign-in-frequency": {
    say: "Your organisation asks for a new sign-in every so often, and it is time for one.",
    do: "Sign in again. Only your organisation can change how often.",
  },
  "sign-in-password-changed": {
    say: "Your password has changed, or all your sign-ins were ended.",
    do: "Sign in again; your mail programs need no change.",
  },
  "sign-in-second-check": {
    say: "Your organisation wants a second check, such as a code or a confirmation on your phone.",
    do: "Sign in again and go through it in the browser.",
  },
  "consent-missing": {
    say: "Permission to read and send mail was not given.",
    do: "Sign in again and agree. If only an administrator may agree, send them the message that you can copy here.",
  },
  "sign-in-session-lost": {
    say: "Your provider lost the thread of this sign-in.",
    do: "Sign in again.",
  },
  "sign-in-code-spent": {
    say: "Your provider does not take the browser’s answer: it was used already or is too old.",
    do: "Start the sign-in once more.",
  },
  "account-not-here": {
    say: "The account that signed in belongs to another organisation, or is of another kind.",
    do: "Sign in with another account. If it was the right one, an administrator must add it as a guest.",
  },
  "account-locked": {
    say: "Your provider has locked or disabled this person’s account.",
    do: "A lock after wrong passwords passes by itself; otherwise ask your IT department. Postern asks again every five minutes.",
  },
  "conditional-access-blocked": {
    say: "Your organisation blocks this app or this computer.",
    do: "Send the message to your IT department. Mail comes back by itself when the block is lifted.",
  },
  "admin-approval-needed": {
    say: "Your IT department must allow this app first.",
    do: "Send them the message; it has the link with which an administrator allows it. Then sign in again.",
  },
  "public-client-flows-off": {
    say: "The app’s registration wants a secret, because it is not marked as a program for computers.",
    do: "Whoever registered it must switch on “Allow public client flows”; the guide shows where.",
  },
  "client-secret-unwanted": {
    say: "The app must be used without a secret, but this account has one.",
    do: "Add the account again without it.",
  },
  "client-secret-wrong": {
    say: "The app’s secret is wrong or has expired.",
    do: "Get a new one from whoever registered the app, and enter it in the guide.",
  },
  "redirect-for-web-pages": {
    say: "The app’s return address is registered for web pages, so the sign-in cannot come back to this computer.",
    do: "Whoever registered the app must move it to “Mobile and desktop applications”; the guide shows where.",
  },
  "redirect-uri-mismatch": {
    say: "The address to which the sign-in returns is not registered for this app.",
    do: "Register exactly the one in the technical details; the guide shows where.",
  },
  "request-malformed": {
    say: "Your provider did not understand the request; a setting of this account is probably wrong.",
    do: "Check the settings in the technical details, then add the account again with the right ones.",
  },
  "wrong-tenant-endpoint": {
    say: "The app cannot be used at this sign-in address, because it is not for every kind of account.",
    do: "Enter your organisation in the guide, then sign in again.",
  },
  "scope-refused": {
    say: "Your provider does not accept the permissions that this account asks for.",
    do: "Check in the guide that the app may ask for them.",
  },
  "request-loop": {
    say: "Your provider says that Postern asked too often.",
    do: "Nothing to do: Postern waits for five minutes and goes on.",
  },
  "device-flow-blocked": {
    say: "Your organisation does not allow signing in with a code on another device.",
    do: "Sign in with the browser on this computer instead.",
  },
  "device-code-pending": {
    say: "Your provider is waiting for somebody to type in the code.",
    do: "Type it in on the page that is shown.",
  },
  "device-code-wrong": { say: "Your provider does not know the code.", do: "Get a new code." },
  "device-code-used": { say: "The code was used or declined already.", do: "Get a new code." },
  "sign-in-timed-out-microsoft": {
    say: "Nobody finished the sign-in at Microsoft within ten minutes.",
    do: "Start again. If the page showed an error instead, its meaning stands in the technical details.",
  },
  "google-sign-in-revoked": {
    say: "Google has ended the sign-in: access was withdrawn, your password changed, or there were too many.",
    do: "Sign in again. If it happens every so often, ask whether your Workspace limits how long a sign-in lasts.",
  },
  "google-sign-in-unused": {
    say: "Google has ended the sign-in: it was unused for six months, access was withdrawn, or your password changed.",
    do: "Sign in again. While Postern runs, it keeps the sign-in in use.",
  },
  "google-testing-expiry": {
    say: "The sign-in lasted for seven days, as with every Google project that is in Testing.",
    do: "Publish the app as the guide’s last step shows, then sign in again: it lasts.",
  },
  "google-reauthentication": {
    say: "Your Google Workspace asks for a new sign-in every so often, and it is time for one.",
    do: "Sign in again. Your administrator can exempt the app.",
  },
  "google-client-deleted": {
    say: "Google has deleted this account’s client id, as it does after six months without use.",
    do: "Its owner can restore it within 30 days. After that, make a new one with the guide.",
  },
  "google-admin-blocks": {
    say: "Your Google Workspace does not let this app read mail.",
    do: "Send your administrator the message: they must trust this app’s client id.",
  },
  "google-client-internal": {
    say: "The app is only for people of the organisation that registered it.",
    do: "Sign in with an account of that organisation, or make your own client id with the guide.",
  },
  "browser-not-accepted": {
    say: "Your provider does not accept a sign-in from this browser.",
    do: "Copy the link into an ordinary browser.",
  },
  "sign-in-timed-out-google": {
    say: "Nobody finished the sign-in at Google within ten minutes.",
    do: "Start again. If the page showed an error instead, its meaning stands in the technical details.",
  },
  "keychain-damaged": {
    say: "Only a part of this sign-in is left on this computer.",
    do: "Sign in again; your mail programs need no change.",
  },
  "keychain-entry-missing": {
    say: "The sign-in is no longer in this computer’s keychain.",
    do: "Sign in again; your mail programs need no change.",
  },
} as const satisfies Record<string, FailureText>;

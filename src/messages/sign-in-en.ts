// The words of signing in, in English. ICU messages. Invariant: as in window-en.ts.

export const signInEn = {
  "sign-in.title": "Sign in to {email}",
  "sign-in.text":
    "You sign in at your provider, in your browser. Postern never sees the password that you type there.",
  "sign-in.open": "Sign in in the browser",
  "sign-in.other": "Use another device",
  "sign-in.starting": "Asking your provider…",
  "sign-in.waiting": "Waiting for your browser…",
  "sign-in.waiting-text": "Sign in on the page that has opened, then come back here.",
  "sign-in.waited": "Waiting for {seconds, plural, one {# second} other {# seconds}}",
  "sign-in.open-again": "Open the page again",
  "sign-in.copy-link": "Copy the link",
  "sign-in.link": "The sign-in page",
  "sign-in.paste": "Paste the answer",
  "sign-in.paste-text":
    "If the browser ends at a page that cannot be reached, or is on another computer: copy the whole address that it ended at, and paste it here.",
  "sign-in.paste-label": "The address that the browser ended at",
  "sign-in.paste-send": "Use this answer",
  "sign-in.cancel": "Cancel the sign-in",
  "sign-in.device-title": "Type this code at your provider",
  "sign-in.device-text":
    "On any device, open this address and type the code. Do it only because you started it here yourself.",
  "sign-in.device-code": "Code",
  "sign-in.device-expires": "The code serves until {when}.",
  "sign-in.device-qr": "QR code of the address with the code in it",
  "sign-in.device-copy": "the code",
  "sign-in.this-device": "Use this computer’s browser",
  "sign-in.somebody-else-title": "Somebody else signed in",
  "sign-in.somebody-else":
    "{identity} signed in, and this account is for {email}. Nothing has been kept yet. If both are the same mailbox, keep the sign-in; otherwise sign in with the right address.",
  "sign-in.agree": "Keep it, both are mine",
  "sign-in.again": "Sign in with the right address",
  "sign-in.done": "Signed in",
  "sign-in.continue": "Continue",
  "sign-in.later": "Not now",
  "sign-in.code-spent": "The provider had seen that answer already; started once more.",
  "sign-in.password-title": "The mailbox’s password",
  "sign-in.password-text":
    "This provider opens mailboxes with a password. Postern keeps it in the keychain of this computer, and your mail programs do not need to know it.",
  "sign-in.password-label": "Password at the provider",
  "sign-in.app-password-text":
    "Your provider wants a password made for one program. There it is called “{name}”.",
  "sign-in.app-password-two-step": "It is offered once two-step verification is on.",
  "sign-in.app-password-page": "Make one on your provider’s page",
  "sign-in.password-send": "Check and keep it",
  "sign-in.password-checking": "Trying it at the mail server…",
  "sign-in.secret-empty": "There is nothing in this field yet.",
  "sign-in.import-title": "Take over a sign-in from another tool",
  "sign-in.import-text":
    "Tools like email-oauth2-proxy keep a long line called “refresh_token”. It must belong to the same client id as this account. The other tool should not use it any more.",
  "sign-in.import-label": "The other tool’s refresh token",
  "sign-in.import-send": "Check and take it over",
  "sign-in.import-checking": "Asking your provider whether it still holds…",

  "check.title": "Checking that mail works",
  "check.works": "Mail works in both directions.",
  "check.fails": "You are signed in, but not everything works yet.",
  "check.again": "Check again",
} as const;

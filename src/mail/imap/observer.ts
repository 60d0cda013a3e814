// Looks for Exchange's "User is authenticated but not connected" in a server's first answers after the login: the token
// was accepted, and there is no mailbox behind it (threats.md E7).
// Invariant: it only looks, keeps at most its window, takes no mail for an answer, and never throws.

/** What a server's answers say about the mailbox behind the login. */
export type MailboxVerdict = "connected" | "not-connected";

/** Octets after which it is too late to find anything out. */
const WINDOW = 8192;
/** Exchange answers CAPABILITY and ID as ever, everything else with the sentence, and hangs up after two or three. */
const COMPLETIONS = 5;

const TAGGED = /^[^\s+*]\S* (?:OK|NO|BAD)\b/i;
const NOT_CONNECTED = /^[^\s+*]\S* BAD (?:\[[^\]]*\] ?)?User is authenticated but not connected/i;
/** What only a mailbox can say. */
const FROM_A_MAILBOX = /^\* (?:\d+ EXISTS|(?:LIST|LSUB|STATUS|NAMESPACE) )/i;
/** Lines of words for people, in which no literal can stand (RFC 9051 §9, resp-text). */
const WORDS = /^(?:[^*]|\* (?:OK|NO|BAD|BYE|PREAUTH)\b)/i;
/** RFC 9051 §4.3, RFC 3516 §4.1: octets that follow the line and are no line themselves. */
const LITERAL = /\{(\d{1,10})\}$/;

/** Whether a text is the sentence itself, wherever it was found. */
export function saysNotConnected(text: string): boolean {
  return /User is authenticated but not connected/i.test(text);
}

/**
 * @param onVerdict is told "connected" as soon as something proves it, and "not-connected" as soon as the sentence is there
 * @returns takes what the server says, in pieces of any size; false when it needs no more
 */
export function createMailboxObserver(
  onVerdict: (verdict: MailboxVerdict) => void,
): (octets: Buffer) => boolean {
  let left = WINDOW;
  let completions = 0;
  let proven = false;
  /** The unfinished line. */
  let line = "";
  /** Octets of a literal that are still to come. */
  let literal = 0;
  /** Whether the line goes on a response that had a literal in it. */
  let goesOn = false;

  function prove(): void {
    if (!proven) onVerdict("connected");
    proven = true;
  }

  /** Judges a whole line; false when nothing more is needed. */
  function judge(whole: string): boolean {
    const announced = WORDS.test(whole) && !goesOn ? undefined : LITERAL.exec(whole)?.[1];
    if (!goesOn) {
      if (FROM_A_MAILBOX.test(whole)) prove();
      if (TAGGED.test(whole)) completions += 1;
    }
    literal = Number(announced ?? 0);
    goesOn = announced !== undefined;
    if (completions < COMPLETIONS) return true;
    prove();
    return false;
  }

  /** Looks at one piece; false when nothing more is needed. */
  function look(octets: Buffer): boolean {
    let text = octets.toString("latin1");
    for (;;) {
      const skipped = Math.min(literal, text.length);
      literal -= skipped;
      text = text.slice(skipped);
      const end = text.indexOf("\n");
      line += end < 0 ? text : text.slice(0, end);
      // Seen before its line is whole: the server may hang up in the middle of it.
      if (!goesOn && NOT_CONNECTED.test(line)) {
        onVerdict("not-connected");
        return false;
      }
      if (end < 0) return true;
      if (!judge(line.replace(/\r$/, ""))) return false;
      line = "";
      text = text.slice(end + 1);
    }
  }

  return (octets) => {
    const more = look(octets.subarray(0, left));
    left -= octets.length;
    if (more && left > 0) return true;
    // The session may last for days, and this with it.
    line = "";
    return false;
  };
}

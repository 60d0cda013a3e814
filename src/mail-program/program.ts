// The mail programs that people are shown the way for, and what each needs of Postern.
// Invariant: pure; words for people are in src/messages, under the names given here.

/** Postern's own listeners. */
export type Protocol = "imap" | "smtp";

/** In the order in which they are offered. */
export const PROGRAMS = ["thunderbird", "outlook", "apple-mail", "mutt", "scanner", "other"] as const;
export type Program = (typeof PROGRAMS)[number];

/** Outlooks that ask for different things. */
export const OUTLOOKS = ["outlook-classic", "outlook-2010", "outlook-new"] as const;
export type Outlook = (typeof OUTLOOKS)[number];

/** What there is a card of values for. */
export type Setup = Exclude<Program, "outlook"> | Outlook;

export function setupOf(program: Program, outlook: Outlook): Setup {
  return program === "outlook" ? outlook : program;
}

/** What must have logged in before it is said that the program works. */
export function protocolsOf(setup: Setup): readonly Protocol[] {
  if (setup === "scanner") return ["smtp"];
  return setup === "outlook-new" ? [] : ["imap", "smtp"];
}

/** "Thunderbird", or "Thunderbird 2" where that name is given away already. */
export function freeName(wanted: string, taken: readonly string[]): string {
  const used = new Set(taken.map((name) => name.toLowerCase()));
  if (!used.has(wanted.toLowerCase())) return wanted;
  for (let number = 2; ; number++) {
    const name = `${wanted} ${number}`;
    if (!used.has(name.toLowerCase())) return name;
  }
}

// One word to a shell, whatever a person typed. Pure. Invariant: nothing in the word is more than text to that shell.

/** For bash and every POSIX shell: inside single quotes nothing has a meaning but the quote itself. */
export function quoteForBash(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** PowerShell takes four typographic quotes for the single quote too; doubled, each of them stands for itself. */
const POWERSHELL_QUOTES = /['\u2018\u2019\u201a\u201b]/g;

export function quoteForPowerShell(text: string): string {
  return `'${text.replace(POWERSHELL_QUOTES, (quote) => quote + quote)}'`;
}

/** Whether a text may stand in a script at all: no line ends, no control characters. */
export function isOneLine(text: string): boolean {
  return !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text);
}

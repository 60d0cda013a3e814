// A mail server's name as a person types it. Pure. Invariant: what comes out is a host as the contract has it (shapes.ts).

const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]+)$/;
const LONGEST = 253;

/** Without the brackets of an IPv6 address, and in ASCII; undefined for what is no host. */
export function parseHost(typed: string): string | undefined {
  const bare = typed.trim().replace(/^\[([0-9A-Fa-f:.]+)\]$/, "$1");
  const host = isAscii(bare) ? bare : toAscii(bare);
  return HOST.test(host) && host.length <= LONGEST && !/[.]{2}/.test(host) ? host : undefined;
}

function isAscii(text: string): boolean {
  return /^[\x21-\x7e]*$/.test(text);
}

/** "" for what is no name. */
function toAscii(name: string): string {
  if (/[/?#\\@:%\s]/.test(name) || !URL.canParse(`https://${name}`)) return "";
  return new URL(`https://${name}`).hostname;
}

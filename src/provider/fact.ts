// Where each value of a preset comes from, and whether somebody has seen it there. Invariant: every value of the
// sections below is covered by the fact with the longest path that leads to it, so that what is not verified can say so.

/** The source of one value or of everything below a path. */
export interface Fact {
  /** A document, a file of another program's source, or "general knowledge". */
  readonly source: string;
  /** Whether the value was read there. What is not verified may be wrong, and `provider show` says so. */
  readonly verified: boolean;
}

/** By path: "oauth.endpoints.token", "match.mx.0", "mail.imap". Array elements go by their index. */
export type Facts = Readonly<Record<string, Fact>>;

/** One value of a preset with its fact, for people to look at. */
export interface ExplainedValue {
  readonly path: string;
  /** A single value, or a list of single values. */
  readonly value: unknown;
  readonly fact: Fact | undefined;
}

/** The parts of a preset whose values are claims about the world. */
const SECTIONS = [
  "match",
  "oauth",
  "mail",
  "limits",
  "appPassword",
  "instead",
  "quirks",
  "errors",
  "registration",
] as const;

/** Read there, by us or by whoever wrote facts/providers.md. */
export function seen(...sources: readonly string[]): Fact {
  return { source: sources.join("; "), verified: true };
}

/** Not verified. */
export function assumed(source = "general knowledge"): Fact {
  return { source, verified: false };
}

/** Every value of a preset's sections, in order, with the fact that covers it. */
export function explainValues(preset: { readonly facts: Facts }): ExplainedValue[] {
  return SECTIONS.flatMap((section) => leavesOf(section, Reflect.get(preset, section))).map(
    ({ path, value }) => ({ path, value, fact: coveringFact(preset.facts, path) }),
  );
}

/** The paths of the facts that nobody has verified. */
export function unverifiedPaths(preset: { readonly facts: Facts }): string[] {
  return Object.entries(preset.facts)
    .filter(([, fact]) => !fact.verified)
    .map(([path]) => path);
}

/** The paths of facts that lead to nothing: left over from a value that was removed. */
export function danglingPaths(preset: { readonly facts: Facts }): string[] {
  return Object.keys(preset.facts).filter((path) => valueAt(preset, path) === undefined);
}

/** A list of single values is one leaf: it comes from one place. An empty list claims nothing. */
function leavesOf(path: string, value: unknown): { path: string; value: unknown }[] {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return [];
  if (Array.isArray(value) && value.every((element) => !isContainer(element))) return [{ path, value }];
  if (!isContainer(value)) return [{ path, value }];
  return Object.entries(value).flatMap(([key, element]) => leavesOf(`${path}.${key}`, element));
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function coveringFact(facts: Facts, path: string): Fact | undefined {
  const steps = path.split(".");
  for (let length = steps.length; length > 0; length -= 1) {
    const fact = facts[steps.slice(0, length).join(".")];
    if (fact !== undefined) return fact;
  }
  return undefined;
}

function valueAt(preset: object, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (value, step) =>
        isContainer(value) && Object.hasOwn(value, step) ? Reflect.get(value, step) : undefined,
      preset,
    );
}

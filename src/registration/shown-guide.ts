// A guide as a front shows it to a person: what each step asks for, and whether only a person can say that it is done.
// Pure.
import { createGuide, type GuideStep, type RegistrablePreset } from "./guide.ts";
import { isUsable, type Progress } from "./progress.ts";

/** Whether only a person can say that a step is done. */
export function isConfirmed({ check, inputs }: Pick<GuideStep, "check" | "inputs">): boolean {
  return check?.kind === "published" || (check === undefined && inputs.length === 0);
}

/** What `registration.check` can be asked after a step. */
export type AskableCheck = "tenant-exists" | "authorize-endpoint-accepts" | "token-endpoint-knows-client";

export interface ShownGuide {
  name: string;
  text: string;
  shortWay?: string;
  steps: {
    id: string;
    title: string;
    text: string;
    url?: string;
    copy: { label: string; value: string }[];
    inputs: { input: GuideStep["inputs"][number]["input"]; optional: boolean }[];
    /** A regular expression that the client id looks like. */
    clientIdPattern?: string;
    check?: AskableCheck;
    confirmed: boolean;
  }[];
  usable: boolean;
}

export function showGuide(preset: RegistrablePreset, progress: Progress): ShownGuide {
  const guide = createGuide(preset, progress);
  return {
    name: guide.name,
    text: guide.text,
    ...(guide.shortWay === undefined ? {} : { shortWay: guide.shortWay }),
    steps: guide.steps.map((step) => {
      const { id, title, text, url, copy, inputs, check } = step;
      const askable = askableCheck(check);
      return {
        id,
        title,
        text,
        ...(url === undefined ? {} : { url }),
        copy: copy.map((one) => ({ ...one })),
        inputs: inputs.map((one) => ({ ...one })),
        ...(check?.kind === "client-id-shape" ? { clientIdPattern: check.pattern } : {}),
        ...(askable === undefined ? {} : { check: askable }),
        confirmed: isConfirmed(step),
      };
    }),
    usable: isUsable(guide, progress),
  };
}

function askableCheck(check: GuideStep["check"]): AskableCheck | undefined {
  switch (check?.kind) {
    case "tenant-exists":
    case "authorize-endpoint-accepts":
    case "token-endpoint-knows-client":
      return check.kind;
    default:
      return undefined;
  }
}

// The control methods of starting with the machine or the person's session.
import type { Handlers } from "../control/server.ts";
import { PosternError } from "../errors/postern-error.ts";

type Methods = "service.show" | "service.install" | "service.remove";

export function serviceHandlers(): Pick<Handlers, Methods> {
  const refuse = async (): Promise<never> => {
    throw new PosternError("request-invalid", { detail: NOTICE });
  };
  return {
    "service.show": async () => ({ kind: "none", installed: false, notice: NOTICE }),
    "service.install": refuse,
    "service.remove": refuse,
  };
}

const NOTICE = "Postern cannot make itself start on this system.";

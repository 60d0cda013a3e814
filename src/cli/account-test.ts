// `postern account test`: which leg of the way from a mail program to the mailbox fails, and why.
import { Command } from "commander";
import type { Response } from "../control/contract.ts";
import { daemon } from "./daemon.ts";
import { EXIT } from "./exit-code.ts";
import { fillIn, note, type OutputOptions, print, run } from "./output.ts";

type TestResult = Response<"account.test">;

const LEGS: Readonly<Record<TestResult["legs"][number]["leg"], string>> = {
  "sign-in": "access from the provider's sign-in server",
  "imap-direct": "IMAP at the provider, directly (imapflow)",
  "smtp-direct": "SMTP at the provider, directly (nodemailer)",
  "imap-local": "IMAP through Postern (imapflow)",
  "smtp-local": "SMTP through Postern (nodemailer)",
};

export function accountTest(): Command {
  return new Command("test")
    .description("Signs in along every leg of the way and says which one fails, and why. Sends nothing.")
    .argument("<email>")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExits with 6 when a leg fails.\n\nExample:\n  postern account test alice@example.org",
    )
    .action((email: string, options: OutputOptions) =>
      run(
        options,
        async () => {
          const client = await daemon();
          if (!options.json)
            note("Signing in along every leg; this takes up to two minutes where a server does not answer.");
          const result = await client.call("account.test", { email });
          print(options, result, describeResult(result, email));
          return result.works ? EXIT.done : EXIT.attention;
        },
        email,
      ),
    );
}

function describeResult({ legs, conclusion }: TestResult, email: string): string {
  const lines = legs.flatMap(({ leg, works, milliseconds, failure }) => {
    const line = `${works ? "●" : "■"} ${LEGS[leg]}: ${works ? "works" : (failure?.sentence ?? "failed")} (${milliseconds} ms)`;
    const detail = failure?.detail === undefined ? [] : [`    It said: ${failure.detail}`];
    return failure === undefined ? [line] : [line, ...detail, `    ${fillIn(failure.action, email)}`];
  });
  return [...lines, conclusion].join("\n");
}

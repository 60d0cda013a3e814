// Once before all tests: the program is built as it is shipped, and Debian's mail servers and programs are installed
// where that can be done.
import { execFileSync } from "node:child_process";
import { prepareDebianPackages } from "./debian.ts";

export default function setup(): void {
  execFileSync("npm", ["run", "--silent", "build"], {
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  const debian = prepareDebianPackages();
  if (debian.kind === "left-out") {
    process.stderr.write(`tests: left out, everything with Dovecot and Postfix: ${debian.reason}\n`);
  }
}

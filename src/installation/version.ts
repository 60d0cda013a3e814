// Postern's own version, for status and --version.
export const VERSION = "0.1.0";

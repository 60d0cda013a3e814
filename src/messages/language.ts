// Which language people are spoken to in. Pure.

export type Language = "en" | "ja";

/** @param wanted the system's languages, the best first (BCP 47) */
export function chooseLanguage(setting: "system" | Language, wanted: readonly string[]): Language {
  if (setting !== "system") return setting;
  for (const tag of wanted) {
    const [language] = tag.toLowerCase().split("-");
    if (language === "ja" || language === "en") return language;
  }
  return "en";
}

// All presets, one row each. The order is the one in which people see them.
import type { ProviderPreset } from "./preset.ts";
import { oneAndOne } from "./presets/1und1.ts";
import { aol } from "./presets/aol.ts";
import { att } from "./presets/att.ts";
import { comcast } from "./presets/comcast.ts";
import { cyrus } from "./presets/cyrus.ts";
import { dockerMailserver } from "./presets/docker-mailserver.ts";
import { dovecot } from "./presets/dovecot.ts";
import { fastmail } from "./presets/fastmail.ts";
import { generic } from "./presets/generic.ts";
import { gmx, gmxCom } from "./presets/gmx.ts";
import { google } from "./presets/google.ts";
import { icloud } from "./presets/icloud.ts";
import { libero } from "./presets/libero.ts";
import { mailCom } from "./presets/mail-com.ts";
import { mailRu } from "./presets/mail-ru.ts";
import { microsoft365 } from "./presets/microsoft-365.ts";
import { microsoftChina } from "./presets/microsoft-china.ts";
import { microsoftDod, microsoftGccHigh } from "./presets/microsoft-us-government.ts";
import { orange } from "./presets/orange.ts";
import { outlookCom } from "./presets/outlook-com.ts";
import { proton } from "./presets/proton.ts";
import { seznam } from "./presets/seznam.ts";
import { stalwart } from "./presets/stalwart.ts";
import { tOnline } from "./presets/t-online.ts";
import { thundermail } from "./presets/thundermail.ts";
import { webDe } from "./presets/web-de.ts";
import { yahoo } from "./presets/yahoo.ts";
import { yandex } from "./presets/yandex.ts";
import { zohoPresets } from "./presets/zoho.ts";

export const presets: readonly ProviderPreset[] = Object.freeze([
  google,
  microsoft365,
  outlookCom,
  microsoftGccHigh,
  microsoftDod,
  microsoftChina,
  yahoo,
  aol,
  att,
  fastmail,
  yandex,
  mailRu,
  seznam,
  comcast,
  ...zohoPresets,
  thundermail,
  icloud,
  gmx,
  gmxCom,
  webDe,
  mailCom,
  oneAndOne,
  tOnline,
  orange,
  libero,
  proton,
  stalwart,
  dovecot,
  dockerMailserver,
  cyrus,
  generic,
]);

/** By its id, such as "microsoft-365". */
export function findPreset(id: string): ProviderPreset | undefined {
  return presets.find((preset) => preset.id === id);
}

// The recorded table: one row for each preset that a mailbox can be signed in to.
import type { OAuthRecord } from "./preset-record.ts";
import { aol, att, google, yahoo } from "./preset-records-google-yahoo.ts";
import { microsoftRecords } from "./preset-records-microsoft.ts";
import { comcast, fastmail, mailRu, seznam, thundermail, yandex } from "./preset-records-oauth.ts";
import { selfHostedRecords } from "./preset-records-self-hosted.ts";
import { zohoRecords } from "./preset-records-zoho.ts";

export const oauthRecords: readonly OAuthRecord[] = [
  google,
  ...microsoftRecords,
  yahoo,
  aol,
  att,
  fastmail,
  yandex,
  mailRu,
  seznam,
  comcast,
  ...zohoRecords,
  thundermail,
  ...selfHostedRecords,
];

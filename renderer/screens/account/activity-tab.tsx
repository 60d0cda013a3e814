// What happened with one account.
import { ActivityLists } from "../activity/activity-lists.tsx";
import { NO_FILTER } from "../activity/filter.ts";

export function AccountActivityTab({ email }: { readonly email: string }) {
  return <ActivityLists filter={{ ...NO_FILTER, account: email }} />;
}

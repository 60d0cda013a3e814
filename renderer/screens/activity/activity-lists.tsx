// Connections and happenings under one filter: for all accounts on the activity screen, for one on its tab.
import type { Activity, Connection } from "../../../src/control/contract.ts";
import { useSnapshot } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import { ConnectionItem } from "./connection-item.tsx";
import { type Filter, filterActivity, filterConnections } from "./filter.ts";
import { HappenedItem } from "./happened-item.tsx";
import { connectionWords, happenedWords } from "./words.ts";

export function ActivityLists({ filter }: { readonly filter: Filter }) {
  const texts = useTexts();
  const { t } = texts;
  const { connections, activity } = useSnapshot();
  const shown = filterConnections(connections, filter, (one) => connectionWords(one, texts)).reverse();
  const live = shown.filter(({ state }) => state !== "ended");
  const ended = shown.filter(({ state }) => state === "ended");
  const happened = filterActivity(activity, filter, (one) => happenedWords(one, texts)).reverse();
  const isFiltered = filter.text !== "" || filter.kind !== "everything";
  const empty = (text: string) => (
    <p className="empty">{isFiltered ? t("activity.nothing-matches") : text}</p>
  );
  return (
    <>
      <h2>{t("activity.live")}</h2>
      {live.length === 0 ? empty(t("activity.live-empty")) : <Connections connections={live} />}
      {ended.length === 0 ? null : (
        <>
          <h2>{t("activity.ended")}</h2>
          <Connections connections={ended} />
        </>
      )}
      <h2>{t("activity.recent")}</h2>
      {happened.length === 0 ? empty(t("activity.recent-empty")) : <Happenings activity={happened} />}
    </>
  );
}

function Connections({ connections }: { readonly connections: readonly Connection[] }) {
  return (
    <ul className="cards">
      {connections.map((connection) => (
        <ConnectionItem key={connection.id} connection={connection} />
      ))}
    </ul>
  );
}

function Happenings({ activity }: { readonly activity: readonly Activity[] }) {
  return (
    <ul className="happenings">
      {activity.map((happened, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: nothing else tells two apart; counted from the oldest, since new ones come first
        <HappenedItem key={`${happened.at} ${activity.length - index}`} happened={happened} />
      ))}
    </ul>
  );
}

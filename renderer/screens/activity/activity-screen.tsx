// What happens between mail programs and Postern, for all accounts, with a filter and a text for whoever helps.
import { useState } from "react";
import { Input, Label, SearchField } from "react-aria-components";
import { Choice } from "../../components/choice.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { FailureNote } from "../../components/failure-note.tsx";
import { Page } from "../../components/page.tsx";
import { useTask } from "../../state/use-task.ts";
import { useControl, useSnapshot } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import { ActivityLists } from "./activity-lists.tsx";
import { type Filter, KINDS, NO_FILTER } from "./filter.ts";

/** No address is this. */
const EVERY = "every account";

export function ActivityScreen() {
  const { t } = useTexts();
  const { accounts } = useSnapshot();
  const [filter, setFilter] = useState<Filter>(NO_FILTER);
  return (
    <Page title={t("activity.title")}>
      <search className="filter" aria-label={t("activity.filter")}>
        <SearchField
          className="field"
          value={filter.text}
          onChange={(text) => setFilter((before) => ({ ...before, text }))}
        >
          <Label>{t("activity.filter-text")}</Label>
          <Input />
        </SearchField>
        <Choice
          label={t("activity.filter-account")}
          options={[
            { id: EVERY, label: t("activity.every-account") },
            ...accounts.map(({ email }) => ({ id: email, label: email })),
          ]}
          value={filter.account ?? EVERY}
          onChange={(id) => setFilter((before) => ({ ...before, account: id === EVERY ? undefined : id }))}
        />
        <Choice
          label={t("activity.filter-kind")}
          options={KINDS.map((id) => ({ id, label: t(`activity.kind.${id}`) }))}
          value={filter.kind}
          onChange={(kind) => setFilter((before) => ({ ...before, kind }))}
        />
      </search>
      <ActivityLists filter={filter} />
      <Diagnostics />
    </Page>
  );
}

function Diagnostics() {
  const { t } = useTexts();
  const control = useControl();
  const task = useTask(async (signal) => (await control.call("diagnostics.show", {}, signal)).text);
  return (
    <section className="diagnostics">
      <p className="soft">{t("activity.copy-diagnostics-text")}</p>
      <CopyButton className="button" text={() => task.run()}>
        {t("activity.copy-diagnostics")}
      </CopyButton>
      {task.state.kind === "failed" ? <FailureNote failure={task.state.failure} /> : null}
    </section>
  );
}

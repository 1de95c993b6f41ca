import { Button, Input, Skeleton } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { FailureLine } from "../app/FailureLine";
import { useLanguage } from "../i18n/useLanguage";
import { MANY, type One, PIECE, standing, within } from "./listing";

interface Props<Item> {
  /** What the list is called, for who cannot see it. */
  name: string;
  result: { error: unknown; isFetching: boolean; refetch: () => unknown };
  items: readonly Item[] | undefined;
  ended: boolean;
  empty: string;
  children: (items: readonly Item[]) => ReactNode;
}

/** A list of rules, holds or erasures: those that are not over, or all; long ones piece by piece, and searchable. */
export function Listed<Item extends One>(props: Props<Item>) {
  const { name, result, items, ended, empty, children } = props;
  const { t } = useTranslation();
  const language = useLanguage();
  const [words, setWords] = useState("");
  const [most, setMost] = useState(PIECE);
  const { error, isFetching, refetch } = result;
  const failure = error ? (
    <FailureLine error={error} busy={isFetching} onRetry={() => void refetch()} />
  ) : null;
  if (!items) return failure ?? <Skeleton active title={false} paragraph={{ rows: 2 }} />;
  const shown = ended ? items : standing(items);
  const hidden = items.length - shown.length;
  if (shown.length === 0)
    return (
      failure ?? (
        <p className="muted none">
          {empty} {hidden > 0 && t("compliance.hidden", { count: hidden })}
        </p>
      )
    );
  const found = within(shown, words);
  const count = (value: number) => value.toLocaleString(language);
  return (
    <>
      {failure}
      {shown.length > MANY && (
        <div className="find-in-list">
          <Input.Search
            allowClear
            size="small"
            value={words}
            aria-label={`${name}: ${t("compliance.find")}`}
            placeholder={t("compliance.find")}
            onChange={(event) => {
              setWords(event.target.value);
              setMost(PIECE);
            }}
          />
          <span className="muted" role="status">
            {t("compliance.found", {
              shown: count(Math.min(most, found.length)),
              all: count(found.length),
            })}
          </span>
        </div>
      )}
      {found.length > 0 && children(found.slice(0, most))}
      {found.length > most && (
        <Button type="link" onClick={() => setMost(most + PIECE)}>
          {t("compliance.more")}
        </Button>
      )}
    </>
  );
}

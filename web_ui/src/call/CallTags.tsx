import { PlusOutlined } from "@ant-design/icons";
import { Alert, Button, Input, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { CallDetail } from "../api/client";
import { ApiError } from "../api/error";
import { useMay } from "../app/session";
import { useErrorText } from "../app/useErrorText";
import { useSayFailure } from "../app/useSayFailure";
import { useKeys } from "../keyboard/useKeys";
import { callsWith, offered } from "./tags";
import { useTagging, useTagsInUse } from "./useTags";

/** The tags of a call, each the way to the others that bear it, and the place to write another. */
export function CallTags({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const mayRead = useMay("tags.read");
  const mayTag = useMay("calls.tag");
  const say = useSayFailure();
  const tagging = useTagging(call.id);
  if (!mayRead || (!mayTag && call.tags.length === 0)) return null;
  const set = (tag: string, on: boolean) =>
    tagging.mutate({ tag, on }, { onError: (error) => isHeld(error) || say(error) });
  return (
    <section className="call-tags" aria-label={t("tag.title")} aria-busy={tagging.isPending}>
      <span className="muted">{t("tag.title")}</span>
      {call.tags.map((tag) => (
        <Tag
          key={tag}
          closable={mayTag && { "aria-label": t("tag.remove", { tag }) }}
          onClose={(event) => {
            event.preventDefault();
            set(tag, false);
          }}
        >
          <Link to={callsWith(tag)} title={t("tag.find", { tag })}>
            {tag}
          </Link>
        </Tag>
      ))}
      {mayTag && <NewTag borne={call.tags} onAdd={(tag) => set(tag, true)} />}
      {isHeld(tagging.error) && <Held why={tagging.error} onClose={tagging.reset} />}
    </section>
  );
}

/** Whether a legal hold keeps the tag: that is more than can be said in passing. */
function isHeld(error: unknown): error is ApiError {
  return error instanceof ApiError && error.code === "tag-held";
}

function Held({ why, onClose }: { why: ApiError; onClose: () => void }) {
  const { t } = useTranslation();
  const { title, hint } = useErrorText()(why);
  return (
    <Alert
      type="warning"
      showIcon
      className="tag-held"
      title={title}
      description={hint}
      closable={{ onClose, "aria-label": t("tag.understood") }}
    />
  );
}

interface Props {
  borne: readonly string[];
  onAdd: (tag: string) => void;
}

function NewTag({ borne, onAdd }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState<string>();
  const writing = text !== undefined;
  const { data } = useTagsInUse(writing);
  useKeys("call", { addTag: () => setText("") });
  if (!writing)
    return (
      <Button
        size="small"
        type="dashed"
        icon={<PlusOutlined aria-hidden="true" />}
        title={`${t("tag.add")} (t)`}
        onClick={() => setText("")}
      >
        {t("tag.add")}
      </Button>
    );
  const leave = () => setText(undefined);
  const add = (tag: string) => {
    if (tag.trim()) onAdd(tag.trim());
    leave();
  };
  return (
    <span>
      <Input
        autoFocus
        size="small"
        className="tag-input"
        list="tags-in-use"
        aria-label={t("tag.new")}
        placeholder={t("tag.new")}
        maxLength={64}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={leave}
        onPressEnter={() => add(text)}
        onKeyDown={(event) => event.key === "Escape" && leave()}
      />
      <datalist id="tags-in-use">
        {offered(data?.items ?? [], borne, text).map((tag) => (
          <option key={tag} value={tag} />
        ))}
      </datalist>
    </span>
  );
}

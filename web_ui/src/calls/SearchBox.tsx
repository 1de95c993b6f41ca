import { QuestionCircleOutlined, SearchOutlined } from "@ant-design/icons";
import { Button, Input, type InputRef, Popover } from "antd";
import { type Ref, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ClearMark } from "./ClearMark";
import type { Filters } from "./filters";
import { QueryFaultNote } from "./QueryFaultNote";
import { QueryHelp } from "./QueryHelp";
import type { QueryFault, WrittenFilter } from "./queryError";

interface Props {
  q: string;
  fault: QueryFault | undefined;
  onChange: (change: Partial<Pick<Filters, WrittenFilter>>) => void;
  ref: Ref<InputRef>;
}

/** The query box. What is wrong with a query stands right below it until it is changed. */
export function SearchBox({ q, fault, onChange, ref }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState(q);
  useEffect(() => setText(q), [q]);
  const onSearch = (wanted: string) => onChange({ q: wanted });
  return (
    <search className="search">
      <div className="search-line">
        <Input
          ref={ref}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            if (event.target.value === "") onSearch("");
          }}
          onPressEnter={() => onSearch(text)}
          onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
          prefix={<SearchOutlined aria-hidden="true" />}
          placeholder={t("query.placeholder")}
          aria-label={t("query.label")}
          aria-keyshortcuts="/"
          aria-invalid={fault !== undefined}
          aria-describedby={fault ? "query-fault" : undefined}
          status={fault ? "error" : ""}
          maxLength={500}
          allowClear={{ clearIcon: <ClearMark /> }}
          autoComplete="off"
          spellCheck={false}
        />
        <Popover
          content={<QueryHelp onTry={onSearch} />}
          trigger="click"
          placement="bottomRight"
          title={t("query.help")}
        >
          <Button
            icon={<QuestionCircleOutlined aria-hidden="true" />}
            aria-label={t("query.help")}
            title={t("query.help")}
          />
        </Popover>
      </div>
      {fault && <QueryFaultNote fault={fault} onCorrect={(text) => onChange({ [fault.field]: text })} />}
    </search>
  );
}

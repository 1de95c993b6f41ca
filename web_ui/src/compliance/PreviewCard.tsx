import { Button, Checkbox, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { CallLink } from "../app/CallLink";
import { FailureLine } from "../app/FailureLine";
import { ReasonForm } from "../app/ReasonForm";
import { useOwesReason } from "../app/ReasonGate";
import { Section } from "../app/Section";
import { fileSize } from "../format/size";
import { clock, stamp } from "../format/time";
import { useLanguage } from "../i18n/useLanguage";
import { usePreview } from "./useCompliance";

type Preview = Schemas["RetentionPreview"];
type Share = Schemas["ShareInfo"];

interface Props {
  shown: boolean;
  onShow: () => void;
  /** Whether the proposed rules count as if they were in force. */
  proposed: boolean;
  onProposed: (on: boolean) => void;
}

/** What the rules and approved erasures would let go at this moment. Nothing is deleted by looking. */
export function PreviewCard({ shown, onShow, proposed, onProposed }: Props) {
  const { t } = useTranslation();
  const owesReason = useOwesReason();
  const { data, error, isFetching, refetch } = usePreview(proposed, shown && !owesReason);
  const ask = () => (shown ? void refetch() : onShow());
  return (
    <Section
      title={t("preview.title")}
      lead={t("preview.lead")}
      actions={
        <>
          <Checkbox checked={proposed} onChange={(event) => onProposed(event.target.checked)}>
            {t("preview.proposed")}
          </Checkbox>
          <Button loading={isFetching} title={`${t("preview.show")} (w)`} onClick={ask}>
            {t(shown && data ? "preview.again" : "preview.show")}
          </Button>
        </>
      }
    >
      {shown && owesReason && <Why />}
      {shown && !owesReason && error && <FailureLine error={error} busy={isFetching} onRetry={ask} />}
      {shown && !owesReason && !data && !error && <Skeleton active title={false} paragraph={{ rows: 2 }} />}
      {shown && !owesReason && data && !error && <Found preview={data} />}
    </Section>
  );
}

/** What would go names calls: those who say why they look at calls do so here too. */
function Why() {
  const { t } = useTranslation();
  return (
    <div className="preview-why">
      <p className="muted">{t("preview.why")}</p>
      <ReasonForm />
    </div>
  );
}

function Found({ preview }: { preview: Preview }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const count = (calls: number) => calls.toLocaleString(language);
  return (
    <>
      <p className="preview-sum" role="status">
        <strong>
          {t(preview.calls === 0 ? "preview.nothing" : "preview.sum", {
            count: preview.calls,
            shown: count(preview.calls),
            size: fileSize(preview.bytes),
          })}
        </strong>
        {preview.held > 0 && <> {t("preview.held", { count: preview.held, shown: count(preview.held) })}</>}
        {preview.undated > 0 && (
          <> {t("preview.undated", { count: preview.undated, shown: count(preview.undated) })}</>
        )}
        {!preview.whole && <span className="bad"> {t("preview.cut")}</span>}{" "}
        <span className="muted">{t("preview.at", { time: stamp(preview.at) })}</span>
      </p>
      {preview.restore && <RulesWait restore={preview.restore} />}
      {preview.shares.some((share) => share.calls + share.held > 0) && (
        <div className="scroll">
          <table className="facts">
            <thead>
              <tr>
                <th scope="col">{t("rule.name")}</th>
                <th scope="col" className="count">
                  {t("preview.calls")}
                </th>
                <th scope="col" className="count">
                  {t("preview.bytes")}
                </th>
                <th scope="col" className="count">
                  {t("preview.audio")}
                </th>
                <th scope="col" className="count">
                  {t("preview.heldCalls")}
                </th>
                <th scope="col">{t("preview.first")}</th>
              </tr>
            </thead>
            <tbody>
              {preview.shares
                .filter((share) => share.calls + share.held > 0)
                .map((share) => (
                  <ShareRow key={share.rule?.id ?? "erasures"} share={share} count={count} />
                ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

/** Behind a restore no rule lets calls go before somebody looked at holds. */
function RulesWait({ restore }: { restore: NonNullable<Preview["restore"]> }) {
  const { t } = useTranslation();
  return (
    <p className="bad">
      {restore.as_of
        ? t("preview.restored", { time: stamp(restore.as_of) })
        : t("preview.restoredWithout", { time: stamp(restore.at) })}
    </p>
  );
}

function ShareRow({ share, count }: { share: Share; count: (calls: number) => string }) {
  const { t } = useTranslation();
  return (
    <tr data-row tabIndex={-1}>
      <th scope="row">{share.rule?.name ?? t("preview.erasures")}</th>
      <td className="count">{count(share.calls)}</td>
      <td className="count">{fileSize(share.bytes)}</td>
      <td className="count">{clock(share.seconds)}</td>
      <td className="count">{count(share.held)}</td>
      <td>
        <ul className="call-links">
          {share.first.map((call) => (
            <li key={call.id}>
              <CallLink id={call.id} title={`${call.from} → ${call.to}`}>
                {stamp(call.start).slice(0, 16)}
              </CallLink>
            </li>
          ))}
        </ul>
      </td>
    </tr>
  );
}

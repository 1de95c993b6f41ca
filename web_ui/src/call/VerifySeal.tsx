import { useMutation } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { api, type Schemas, unwrap } from "../api/client";
import { useSayFailure } from "../app/useSayFailure";
import { clock } from "../format/time";
import { findingText } from "./findingText";

type Verdict = Schemas["TargetVerdict"];

const SIGNS: Readonly<Record<Verdict["state"], string>> = { intact: "✓", altered: "✕", unknown: "?" };

interface Props {
  id: string;
  /** Told what was found, for whoever shows the copies. */
  onVerdicts: (verdicts: readonly Verdict[]) => void;
}

/** Says on demand whether the call is as it was archived, on each target, and what is not. */
export function VerifySeal({ id, onVerdicts }: Props) {
  const { t } = useTranslation();
  const say = useSayFailure();
  const { data, isPending, mutate } = useMutation({
    mutationFn: () =>
      unwrap(api.POST("/api/v1/calls/{call_id}/verify", { params: { path: { call_id: id } } })),
    onSuccess: ({ targets }) => onVerdicts(targets),
    onError: say,
  });
  return (
    <div className="verify">
      <Button
        type="link"
        size="small"
        className="flush"
        loading={isPending}
        title={t("seal.hint")}
        onClick={() => mutate()}
      >
        {t("seal.verify")}
      </Button>
      {data && !isPending && (
        <ul role="status">
          {data.targets.map((verdict) => (
            <li key={verdict.target}>
              <TargetSeal verdict={verdict} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function TargetSeal({ verdict }: { verdict: Verdict }) {
  const { t } = useTranslation();
  const { target, state, number, findings } = verdict;
  return (
    <>
      {target && <strong>{target}</strong>}{" "}
      <span className={`seal-${state}`}>
        <span aria-hidden="true">{SIGNS[state]}</span> {t(`seal.${state}`)}
      </span>
      {number > 0 && <span className="muted"> {t("seal.number", { number: String(number) })}</span>}
      {findings.map((finding) => (
        <div key={`${finding.code} ${finding.file}`}>
          {findingText(finding, t)}
          {finding.parts.map(({ start, end }) => (
            <span key={start} className="seal-part">
              {clock(start)}–{clock(end)}
            </span>
          ))}
        </div>
      ))}
    </>
  );
}

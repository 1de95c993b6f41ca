import { ArrowLeftOutlined, LeftOutlined, RightOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { CallDetail } from "../api/client";
import { useMay } from "../app/session";
import { DirectionMark } from "../calls/DirectionMark";
import { StateMark } from "../calls/StateMark";
import { keepFocus } from "../keyboard/keepFocus";
import { DownloadMenu } from "./DownloadMenu";
import { PartyName } from "./PartyName";
import { personOf } from "./people";
import { ReleaseButton } from "./ReleaseButton";
import type { Ways } from "./useNeighbours";

/** Who with whom, and the ways out of the page. Stands from the start; the call is filled in when it is there. */
export function CallHead({ call, ways }: { call: CallDetail | undefined; ways: Ways }) {
  const { t } = useTranslation();
  const back = t(ways.isFromList ? "call.back" : "call.backElsewhere");
  const mayRelease = useMay("calls.release");
  const mayDownload = useMay("calls.download");
  return (
    <header className="call-head">
      <Button
        icon={<ArrowLeftOutlined aria-hidden="true" />}
        aria-label={back}
        title={`${back} (Esc)`}
        onClick={ways.goBack}
      />
      <h1>{call ? <Parties call={call} /> : t("call.title")}</h1>
      {call && (
        <span className="call-marks">
          <DirectionMark direction={call.direction} />
          <StateMark state={call.state} />
        </span>
      )}
      <span className="call-actions">
        {call?.agent && mayRelease && (call.recording || call.released) && (
          <ReleaseButton call={call} agent={call.agent} />
        )}
        {call?.recording && mayDownload && <DownloadMenu id={call.id} format={call.recording.format} />}
        <Button
          icon={<LeftOutlined aria-hidden="true" />}
          disabled={!ways.hasPrevious}
          onMouseDown={keepFocus}
          onClick={ways.goPrevious}
          title={`${t("call.previous")} (k)`}
        >
          {t("call.previous")}
        </Button>
        <Button
          disabled={!ways.hasNext}
          onMouseDown={keepFocus}
          onClick={ways.goNext}
          title={`${t("call.next")} (j)`}
        >
          {t("call.next")} <RightOutlined aria-hidden="true" />
        </Button>
      </span>
    </header>
  );
}

function Parties({ call }: { call: CallDetail }) {
  return (
    <>
      <PartyName side="A" {...personOf(call, "A")} />
      <span className="call-arrow" aria-hidden="true">
        →
      </span>
      <PartyName side="B" {...personOf(call, "B")} />
    </>
  );
}

import { Button, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import type { CallDetail } from "../api/client";
import { Failure } from "../app/Failure";
import { useTitle } from "../app/useTitle";
import { timeOfDay } from "../format/time";
import { useKeys } from "../keyboard/useKeys";
import { CallFacts } from "./CallFacts";
import { CallHead } from "./CallHead";
import { CallKept } from "./CallKept";
import { CallTags } from "./CallTags";
import { EventList } from "./EventList";
import { LegTable } from "./LegTable";
import { MeasureList } from "./MeasureList";
import { marksOf } from "./marks";
import { NoRecording } from "./NoRecording";
import { PartyTable } from "./PartyTable";
import { Player } from "./Player";
import { useCall } from "./useCall";
import { useNeighbours, type Ways } from "./useNeighbours";
import { usePlayback } from "./usePlayback";
import "./call.css";

/** One call: who, when, how, to be heard and looked through. */
export default function CallPage() {
  const { id = "" } = useParams();
  const { t } = useTranslation();
  const { data, error, refetch, isFetching } = useCall(id);
  const ways = useNeighbours(id);
  useTitle(data ? `${data.from} → ${data.to} ${timeOfDay(data.start)}` : t("call.title"));
  useKeys("call", { toList: ways.goBack, nextCall: ways.goNext, previousCall: ways.goPrevious });

  if (error && !data)
    return (
      <div className="call">
        <CallHead call={undefined} ways={ways} />
        <Failure
          error={error}
          busy={isFetching}
          onRetry={() => void refetch()}
          extra={
            <Button onClick={ways.goBack}>{t(ways.isFromList ? "call.back" : "call.backElsewhere")}</Button>
          }
        />
      </div>
    );
  if (!data)
    return (
      <div className="call" aria-busy="true">
        <CallHead call={undefined} ways={ways} />
        <Skeleton active paragraph={{ rows: 10 }} />
      </div>
    );
  // A key of its own for each call: the player, its place and its loop begin anew.
  return <Shown key={data.id} call={data} ways={ways} />;
}

function Shown({ call, ways }: { call: CallDetail; ways: Ways }) {
  const playback = usePlayback(call);
  const marks = marksOf(call);
  return (
    <div className="call">
      <CallHead call={call} ways={ways} />
      <CallFacts call={call} />
      <CallTags call={call} />
      {playback && <Player call={call} marks={marks} playback={playback} />}
      {!playback && (call.recording ? <div className="player card" /> : <NoRecording call={call} />)}
      <div className="call-columns">
        <div className="call-main">
          <PartyTable parties={call.parties} agent={call.agent} measures={call.measures} />
          <LegTable legs={call.legs} />
        </div>
        <div className="call-side">
          {call.measures && call.recording && <MeasureList measures={call.measures} />}
          <EventList marks={marks} seconds={call.recording?.seconds} playback={playback} />
          <CallKept call={call} />
        </div>
      </div>
    </div>
  );
}

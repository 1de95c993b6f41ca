import { Alert, Button } from "antd";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { CallDetail } from "../api/client";
import type { Mark } from "./marks";
import { PartyVolume } from "./PartyVolume";
import { PlayerBar } from "./PlayerBar";
import type { Playback } from "./playback";
import { silences } from "./silence";
import { useWave } from "./useCall";
import { usePlaybackState } from "./usePlayback";
import { usePlayerKeys } from "./usePlayerKeys";
import { useZoom } from "./useZoom";
import { Waveform } from "./Waveform";

interface Props {
  call: CallDetail;
  marks: readonly Mark[];
  playback: Playback;
}

/** The recording: heard, seen, and gone through by keys. */
export function Player({ call, marks, playback }: Props) {
  const { t } = useTranslation();
  const { data: wave, isError: noPeaks } = useWave(call.id);
  const state = usePlaybackState(playback);
  const zoom = useZoom(playback.seconds);
  const stereo = (call.recording?.channels ?? 0) > 1;
  const quiet = useMemo(() => (wave ? silences(wave) : []), [wave]);
  useEffect(() => playback.setSilences(quiet), [playback, quiet]);

  usePlayerKeys(playback, state, stereo, zoom.step);

  return (
    <section className="player card" aria-label={t("player.title")}>
      <PlayerBar playback={playback} state={state} stereo={stereo} onZoom={zoom.step} />
      <div className="player-body">
        <div className="player-parties">
          {call.parties.map((party) => (
            <PartyVolume
              key={party.side}
              party={party}
              agent={call.agent}
              playback={playback}
              mix={state.mix}
              active={stereo}
            />
          ))}
        </div>
        <Waveform
          wave={wave}
          noPeaks={noPeaks}
          call={call}
          marks={marks}
          playback={playback}
          loop={state.loop}
          zoom={zoom}
        />
      </div>
      {noPeaks && !state.failed && <p className="muted player-note">{t("player.noPeaks")}</p>}
      {state.failed && (
        <Alert
          type="error"
          showIcon
          title={t("player.failed")}
          description={t("player.failedHint")}
          action={<Button onClick={() => playback.toggle()}>{t("app.retry")}</Button>}
        />
      )}
    </section>
  );
}

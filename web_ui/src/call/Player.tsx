import { Alert, Button } from "antd";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CallDetail } from "../api/client";
import { useKeys } from "../keyboard/useKeys";
import type { Mark } from "./marks";
import { PartyVolume } from "./PartyVolume";
import { PlayerBar } from "./PlayerBar";
import type { Playback } from "./playback";
import { stepRate } from "./rate";
import { silences } from "./silence";
import { useWave } from "./useCall";
import { usePlaybackState } from "./usePlayback";
import { Waveform } from "./Waveform";
import { zoomIn, zoomOut } from "./zoom";

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
  const [zoom, setZoom] = useState(0);
  const [width, setWidth] = useState(0);
  const quiet = useMemo(() => (wave ? silences(wave) : []), [wave]);
  useEffect(() => playback.setSilences(quiet), [playback, quiet]);

  const onZoom = (step: 1 | -1) =>
    setZoom(step > 0 ? zoomIn(zoom, width, playback.seconds) : zoomOut(zoom, width, playback.seconds));
  const mute = (side: "A" | "B") =>
    playback.setMix({ ...state.mix, muted: { ...state.mix.muted, [side]: !state.mix.muted[side] } });
  const stereo = (call.recording?.channels ?? 0) > 1;
  useKeys("call", {
    playPause: () => playback.toggle(),
    back5: () => playback.skip(-5),
    forward5: () => playback.skip(5),
    back15: () => playback.skip(-15),
    forward15: () => playback.skip(15),
    toStart: () => playback.seek(0),
    slower: () => playback.setRate(stepRate(state.rate, -1)),
    faster: () => playback.setRate(stepRate(state.rate, 1)),
    loop: () => playback.pressLoop(),
    skipSilence: () => playback.setSkipSilence(!state.skipSilence),
    zoomIn: () => onZoom(1),
    zoomOut: () => onZoom(-1),
    ...(stereo && {
      muteA: () => mute("A"),
      muteB: () => mute("B"),
      bothEars: () => playback.setMix({ ...state.mix, bothEars: !state.mix.bothEars }),
    }),
  });

  return (
    <section className="player card" aria-label={t("player.title")}>
      <PlayerBar playback={playback} state={state} stereo={stereo} onZoom={onZoom} />
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
          onZoom={onZoom}
          onWidth={setWidth}
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

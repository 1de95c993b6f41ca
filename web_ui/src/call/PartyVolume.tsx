import { MutedOutlined, SoundOutlined } from "@ant-design/icons";
import { Button, Slider } from "antd";
import { useTranslation } from "react-i18next";
import type { CallDetail, Party } from "../api/client";
import { keepFocus } from "../keyboard/keepFocus";
import { LOUDEST, type Mix } from "./mixer";
import { PartyName } from "./PartyName";
import { partyName } from "./people";
import type { Playback } from "./playback";

interface Props {
  party: Party;
  agent: CallDetail["agent"];
  playback: Playback;
  mix: Mix;
  /** False where one channel holds both parties. */
  active: boolean;
}

/** Who is on this line of the waveform, and how loud. */
export function PartyVolume({ party, agent, playback, mix, active }: Props) {
  const { t } = useTranslation();
  const { side } = party;
  const muted = mix.muted[side];
  const setVolume = (volume: number) =>
    playback.setMix({
      ...mix,
      volume: { ...mix.volume, [side]: volume },
      muted: { ...mix.muted, [side]: false },
    });
  return (
    <div className={`player-party player-party-${side}`}>
      <PartyName side={side} number={party.number} name={partyName(party, agent)} />
      {active && (
        <span className="player-volume">
          <Button
            type="text"
            size="small"
            aria-pressed={muted}
            aria-label={t(muted ? "player.unmute" : "player.mute", { side })}
            title={`${t(muted ? "player.unmute" : "player.mute", { side })} (${side === "A" ? 1 : 2})`}
            icon={muted ? <MutedOutlined aria-hidden="true" /> : <SoundOutlined aria-hidden="true" />}
            onMouseDown={keepFocus}
            onClick={() => playback.setMix({ ...mix, muted: { ...mix.muted, [side]: !muted } })}
          />
          <Slider
            ariaLabelForHandle={t("player.volume", { side })}
            min={0}
            max={LOUDEST}
            step={0.05}
            value={muted ? 0 : mix.volume[side]}
            onChange={setVolume}
            tooltip={{ formatter: (volume) => `${Math.round((volume ?? 0) * 100)} %` }}
          />
        </span>
      )}
    </div>
  );
}

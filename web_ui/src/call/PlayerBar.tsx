import {
  BackwardOutlined,
  CaretRightFilled,
  ForwardOutlined,
  PauseOutlined,
  ZoomInOutlined,
  ZoomOutOutlined,
} from "@ant-design/icons";
import { Button, Select, Switch } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { keepFocus } from "../keyboard/keepFocus";
import type { Loop } from "./loop";
import type { Playback, PlaybackState } from "./playback";
import { RATES } from "./rate";
import { TimeDisplay } from "./TimeDisplay";

interface Props {
  playback: Playback;
  state: PlaybackState;
  stereo: boolean;
  onZoom: (step: 1 | -1) => void;
}

/** The player's buttons. A mouse click leaves the focus where it was, so that Space goes on to play and pause. */
export function PlayerBar({ playback, state, stereo, onZoom }: Props) {
  const { t } = useTranslation();
  return (
    <div className="player-bar" role="toolbar" aria-label={t("player.title")}>
      <Transport playback={playback} playing={state.playing} />
      <TimeDisplay playback={playback} waiting={state.waiting} />
      <Speed playback={playback} rate={state.rate} />
      <Button
        type={state.loop.a === null ? "default" : "primary"}
        ghost={state.loop.a !== null}
        title={`${t("player.loopHint")} (l)`}
        onMouseDown={keepFocus}
        onClick={() => playback.pressLoop()}
      >
        {t(loopLabel(state.loop))}
      </Button>
      <Toggle
        id="skip-silence"
        label={t("player.skipSilence")}
        hint={`${t("player.skipSilenceHint")} (s)`}
        checked={state.skipSilence}
        onChange={(on) => playback.setSkipSilence(on)}
      />
      {stereo && (
        <Toggle
          id="both-ears"
          label={t("player.bothEars")}
          hint={`${t("player.bothEarsHint")} (b)`}
          checked={state.mix.bothEars}
          onChange={(bothEars) => playback.setMix({ ...state.mix, bothEars })}
        />
      )}
      <span className="player-zoom">
        <Press label={t("player.zoomOut")} keys="-" onPress={() => onZoom(-1)}>
          <ZoomOutOutlined aria-hidden="true" />
        </Press>
        <Press label={t("player.zoomIn")} keys="+" onPress={() => onZoom(1)}>
          <ZoomInOutlined aria-hidden="true" />
        </Press>
      </span>
    </div>
  );
}

function Transport({ playback, playing }: { playback: Playback; playing: boolean }) {
  const { t } = useTranslation();
  const label = t(playing ? "player.pause" : "player.play");
  return (
    <>
      <Press label={t("player.back15")} keys="⇧ ←" onPress={() => playback.skip(-15)}>
        <BackwardOutlined aria-hidden="true" /> 15
      </Press>
      <Press label={t("player.back")} keys="←" onPress={() => playback.skip(-5)}>
        <BackwardOutlined aria-hidden="true" /> 5
      </Press>
      <Button
        className="player-play"
        type="primary"
        shape="circle"
        size="large"
        icon={playing ? <PauseOutlined aria-hidden="true" /> : <CaretRightFilled aria-hidden="true" />}
        aria-label={label}
        title={`${label} (${t("keys.space")})`}
        onMouseDown={keepFocus}
        onClick={() => playback.toggle()}
      />
      <Press label={t("player.forward")} keys="→" onPress={() => playback.skip(5)}>
        5 <ForwardOutlined aria-hidden="true" />
      </Press>
      <Press label={t("player.forward15")} keys="⇧ →" onPress={() => playback.skip(15)}>
        15 <ForwardOutlined aria-hidden="true" />
      </Press>
    </>
  );
}

function Speed({ playback, rate }: { playback: Playback; rate: number }) {
  const { t } = useTranslation();
  const choose = (chosen: number) => {
    playback.setRate(chosen);
    // Else Space would open the list of speeds again rather than play.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  };
  return (
    <Select
      aria-label={t("player.speed")}
      className="player-speed"
      value={rate}
      onChange={choose}
      options={RATES.map((value) => ({ value, label: `${value}×` }))}
    />
  );
}

function loopLabel(loop: Loop) {
  if (loop.a === null) return "player.loop";
  return loop.b === null ? "player.loopA" : "player.loopOn";
}

interface PressProps {
  label: string;
  keys: string;
  onPress: () => void;
  children: ReactNode;
}

function Press({ label, keys, onPress, children }: PressProps) {
  return (
    <Button
      type="text"
      aria-label={label}
      title={`${label} (${keys})`}
      onMouseDown={keepFocus}
      onClick={onPress}
    >
      {children}
    </Button>
  );
}

interface ToggleProps {
  id: string;
  label: string;
  hint: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

function Toggle({ id, label, hint, checked, onChange }: ToggleProps) {
  return (
    <label htmlFor={id} className="toggle" title={hint} onMouseDown={keepFocus}>
      <Switch id={id} size="small" checked={checked} onChange={onChange} /> {label}
    </label>
  );
}

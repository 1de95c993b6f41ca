"use strict";
/* One call: its recording and what is known of it. */
(() => {
  const ew = window.earwitness;
  const panel = document.getElementById("call");
  const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3];
  let row = null;
  let speed = 1;
  let address = "";

  const element = (kind, values = {}, ...inside) => {
    const made = Object.assign(document.createElement(kind), values);
    made.append(...inside);
    return made;
  };
  const audio = () => panel.querySelector("audio");

  function facts() {
    const { say } = ew.words;
    const { number, time, length } = ew.format;
    const others = (row.legs ?? []).map(([from, to]) => `${number(from)} → ${number(to)}`).join(", ");
    const found = [
      ["time", time(row.start)], ["end", time(row.end)], ["duration", length(row.duration)],
      ["direction", say(row.direction)], ["way", say(row.state)],
      ["callerName", [number(row.from), row.names[0]].filter(Boolean).join(" ")],
      ["calledName", [number(row.to), row.names[1]].filter(Boolean).join(" ")],
      ["e164", [row.from_e164, row.to_e164].filter(Boolean).map(number).join(" → ")],
      ["agent", [row.agent, row.agent_name].filter(Boolean).join(" ")], ["team", row.team],
      ["tags", row.tags.join(", ")], ["legs", others], ["codecs", row.codecs.join(", ")],
      ["dtmf", ew.format.whole ? row.dtmf : row.dtmf.replace(/./g, "•")], ["events", row.events.map(ew.words.event).join(", ")],
      ["unrecorded", row.unrecorded ? say("seconds", { n: row.unrecorded }) : ""],
      ["closed", row.closed ? say("closedYes") : ""], ["id", row.id],
    ];
    return found.filter(([, value]) => value !== "")
      .flatMap(([name, value]) => [element("dt", { textContent: say(name) }), element("dd", { textContent: value })]);
  }

  function player() {
    const { say } = ew.words;
    if (!row.audio) return element("p", { className: "quiet", textContent: say("noAudio") });
    const sound = element("audio", { controls: true, preload: "metadata", ariaLabel: say("player") });
    const fault = element("p", { className: "fault" });
    fault.setAttribute("role", "alert");
    sound.addEventListener("error", () => { if (sound.getAttribute("src")) fault.textContent = say("noSound"); });
    sound.addEventListener("loadedmetadata", () => { sound.playbackRate = speed; fault.textContent = ""; });
    const jump = (by) => element("button", {
      type: "button", textContent: by < 0 ? `−${-by}` : `+${by}`, onclick: () => api.seek(by),
      ariaLabel: say(by < 0 ? "back" : "ahead", { n: Math.abs(by) }),
    });
    const rate = element("select", { onchange: (event) => { speed = Number(event.target.value); sound.playbackRate = speed; } },
      ...SPEEDS.map((one) => element("option", { value: String(one), textContent: `${one}×`, selected: one === speed })));
    return element("div", { className: "player" }, sound, fault, element("div", { className: "jumps" },
      jump(-15), jump(-5), jump(5), jump(15), element("label", {}, element("span", { textContent: say("speed") }), rate)));
  }

  function links() {
    const { say } = ew.words;
    const base = row.audio.replace(/[^/]*$/, "");
    const made = element("p", { className: "links" });
    if (row.audio && !ew.keys.needed) {
      made.append(element("a", { href: row.audio, download: "", textContent: say("file") }), " ",
        element("a", { href: `${base}${row.id}.json`, target: "_blank", textContent: say("sidecar") }));
    }
    return made;
  }

  async function source(autoplay) {
    const sound = audio();
    const mine = row;
    if (!sound) return;
    if (address) { URL.revokeObjectURL(address); address = ""; }
    if (!ew.keys.needed) {
      sound.src = row.audio.split("/").map(encodeURIComponent).join("/");
    } else {
      try {
        const blob = await ew.keys.audio(row.audio, panel.querySelector(".player"));
        if (mine !== row || sound !== audio()) return;
        address = URL.createObjectURL(blob);
        sound.src = address;
      } catch (error) {
        if (mine === row) panel.querySelector(".fault").textContent = error.message;
        return;
      }
    }
    if (autoplay) sound.play().catch(() => {});
  }

  const api = {
    get shown() { return row; },
    /** Show a call, and play it where asked. */
    show(next, autoplay = false) {
      row = next;
      api.draw();
      ew.list.mark(row.id);
      source(autoplay);
    },
    draw() {
      if (!row) return;
      const { say } = ew.words;
      panel.hidden = false;
      panel.replaceChildren(
        element("button", { type: "button", className: "close", textContent: "×", ariaLabel: say("close"), onclick: api.close }),
        element("h2", { textContent: `${ew.format.number(row.from)} → ${ew.format.number(row.to)}` }),
        player(), element("dl", {}, ...facts()), links());
    },
    /** The texts changed; what plays goes on. */
    again() {
      if (!row) return;
      const before = audio();
      api.draw();
      if (before && audio()) { before.ariaLabel = ew.words.say("player"); audio().replaceWith(before); }
    },
    close() {
      audio()?.pause();
      row = null;
      panel.hidden = true;
      panel.replaceChildren();
      ew.list.mark("");
      document.getElementById("list").focus();
    },
    toggle() {
      const sound = audio();
      if (sound) { if (sound.paused) sound.play().catch(() => {}); else sound.pause(); }
    },
    seek(by) {
      const sound = audio();
      if (sound) sound.currentTime = Math.max(0, Math.min(sound.duration || 0, sound.currentTime + by));
    },
  };
  ew.call = api;
})();

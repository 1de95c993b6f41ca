"use strict";
/* What the page does: fills the list as far as it is looked at, and searches all of it. */
(() => {
  const ew = window.earwitness;
  const by = (id) => document.getElementById(id);
  const ENOUGH = 400;
  let wish = null;
  let run = 0;
  let next = 0;
  let busy = false;
  let lost = 0;

  const form = () => ({
    text: by("text").value.trim(), since: by("since").value, until: by("until").value,
    state: by("state").value, audible: by("audible").checked,
  });

  function tell() {
    const { say } = ew.words;
    const { count } = ew.format;
    const days = ew.store.days.filter(wish.day);
    const [n, all] = [ew.list.calls.length, Object.values(ew.store.manifest.days).reduce((sum, one) => sum + one, 0)];
    const done = next >= ew.store.days.length;
    let text = done ? say(wish.any ? "found" : "shown", { n: count(n) }) : say("shownOf", { n: count(n), all: count(all) });
    if (!done && wish.any) {
      text = say("searching", { n: count(n), done: count(ew.store.days.slice(0, next).filter(wish.day).length), days: count(days.length) });
    }
    by("status").textContent = lost ? `${text} ${say("lostDays", { n: count(lost) })}` : text;
    by("none").hidden = !done || n > 0;
    by("none").textContent = say(wish.any ? "noneFit" : "noCalls");
  }

  /** Read days until as many calls more are there, or none is left. A search reads on to its end. */
  async function fill() {
    if (busy) return;
    busy = true;
    const mine = run;
    const goal = ew.list.calls.length + ENOUGH;
    while (mine === run && next < ew.store.days.length && (wish.any || ew.list.calls.length < goal)) {
      const day = ew.store.days[next];
      let rows = [];
      if (wish.day(day)) {
        try { rows = await ew.store.load(day); } catch { lost += 1; }
      }
      if (mine !== run) break;
      next += 1;
      ew.list.append(wish.any ? rows.filter(wish.fits) : rows);
      if (rows.length) { tell(); await new Promise((go) => { setTimeout(go); }); }
    }
    busy = false;
    if (mine === run) tell(); else fill();
  }

  function search() {
    run += 1; next = 0; lost = 0;
    wish = ew.find(form());
    ew.list.begin();
    tell();
    fill();
  }

  function states() {
    const kept = by("state").value;
    const names = ["", "answered", "missed", "busy", "cancelled", "failed", "media-only"];
    by("state").replaceChildren(...names.map((name) => new Option(ew.words.say(name || "any"), name)));
    by("state").value = kept;
  }

  function texts() {
    const { say } = ew.words;
    ew.words.apply();
    by("language").textContent = say("language");
    by("language").lang = ew.words.language === "zh" ? "en" : "zh";
    states();
    const keys = [["/", "keySearch"], ["↑ ↓", "keyMove"], ["PgUp PgDn", "keyPage"], ["Home End", "keyEnds"],
      ["Enter, Space", "keyOpen"], ["← →", "keySeek"], ["Shift ← →", "keySeek15"], ["Esc", "keyClose"], ["?", "keyHelp"]];
    by("help-keys").replaceChildren(...keys.flatMap(([key, name]) => [
      Object.assign(document.createElement("dt"), { textContent: key }),
      Object.assign(document.createElement("dd"), { textContent: say(name) }),
    ]));
    if (wish) { tell(); ew.list.redraw(); ew.call.again(); }
  }

  const moves = {
    ArrowDown: () => ew.list.step(1), ArrowUp: () => ew.list.step(-1),
    PageDown: () => ew.list.step(ew.list.page), PageUp: () => ew.list.step(-ew.list.page),
    Home: () => ew.list.choose(0), End: () => ew.list.choose(Infinity),
    ArrowLeft: (event) => ew.call.seek(event.shiftKey ? -15 : -5),
    ArrowRight: (event) => ew.call.seek(event.shiftKey ? 15 : 5),
    Enter: () => ew.list.open(),
    " ": () => { if (ew.list.chosen && ew.call.shown !== ew.list.chosen) ew.list.open(); else ew.call.toggle(); },
  };

  function pressed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
    const place = event.target.closest("input, select, button, audio, a");
    if (event.key === "Escape") {
      if (place) by("list").focus(); else if (ew.call.shown) ew.call.close();
    } else if (!place && event.key === "/") {
      event.preventDefault(); by("text").focus(); by("text").select();
    } else if (!place && event.key === "?") {
      by("help").showModal();
    } else if (event.target === by("text") && ["Enter", "ArrowDown"].includes(event.key)) {
      event.preventDefault(); by("list").focus(); ew.list.choose(0);
    } else if (!place && event.key in moves) {
      event.preventDefault(); moves[event.key](event);
    }
  }

  async function start() {
    texts();
    const manifest = ew.store.manifest;
    if (!manifest) { by("status").textContent = ""; by("none").hidden = false; by("none").textContent = ew.words.say("noList"); return; }
    by("volume").textContent = manifest.volume;
    document.title = `${manifest.volume || "Earwitness"} · Earwitness`;
    if (Object.keys(manifest.key).length) await ew.keys.ask(manifest.key);
    search();
    by("list").focus();
  }

  let timer = 0;
  by("search").addEventListener("input", (event) => {
    clearTimeout(timer);
    if (event.target === by("whole")) { ew.format.whole = by("whole").checked; ew.list.redraw(); ew.call.again(); return; }
    timer = setTimeout(search, event.target === by("text") ? 150 : 0);
  });
  by("search").addEventListener("submit", (event) => event.preventDefault());
  by("language").addEventListener("click", () => { ew.words.turn(); texts(); });
  by("keys").addEventListener("click", () => by("help").showModal());
  ew.list.more = fill;
  ew.list.opened = (row) => ew.call.show(row, true);
  document.addEventListener("keydown", pressed);
  document.addEventListener("DOMContentLoaded", start);
})();

"use strict";
/* The calls, newest first. Only the rows that can be seen are in the page, however many there are. */
(() => {
  const ew = window.earwitness;
  const HEIGHT = 40;
  const SPARE = 12;
  const list = document.getElementById("list");
  const rows = document.getElementById("rows");
  const heads = document.querySelector(".heads");
  const shown = new Map();
  let calls = [];
  let chosen = -1;
  let open = "";
  let wanted = 0;

  const cell = (kind, text) => {
    const made = document.createElement("span");
    made.className = kind;
    made.textContent = text;
    return made;
  };

  const who = (row, side) => {
    const number = ew.format.number(side ? row.to : row.from);
    const name = row.names[side] || (row.agent && row.agent === (side ? row.to : row.from) ? row.agent_name : "");
    return name ? `${number} ${name}` : number;
  };

  function made(at) {
    const row = calls[at];
    const { say } = ew.words;
    const element = document.createElement("div");
    element.className = "row";
    element.id = `call-${at}`;
    element.dataset.call = row.id;
    element.dataset.at = String(at);
    element.style.transform = `translateY(${at * HEIGHT}px)`;
    element.setAttribute("role", "option");
    element.setAttribute("aria-setsize", String(calls.length));
    element.setAttribute("aria-posinset", String(at + 1));
    element.setAttribute("aria-selected", String(at === chosen));
    element.classList.toggle("open", row.id === open);
    element.append(
      cell("time", ew.format.time(row.start)),
      cell(`state ${row.state}`, say(row.state)),
      cell("from", who(row, 0)),
      cell("to", who(row, 1)),
      cell("agent", [row.agent, row.agent_name].filter(Boolean).join(" ")),
      cell("tags", row.tags.join(" · ")),
      cell("length", row.audio ? ew.format.length(row.duration) : "–"),
    );
    return element;
  }

  function draw() {
    // Heads and rows share their columns: what the scroll bar takes of the rows is left out above them too.
    heads.style.paddingRight = `${list.offsetWidth - list.clientWidth + 16}px`;
    const first = Math.max(0, Math.floor(list.scrollTop / HEIGHT) - SPARE);
    const last = Math.min(calls.length, Math.ceil((list.scrollTop + list.clientHeight) / HEIGHT) + SPARE);
    for (const [at, element] of shown) {
      if (at < first || at >= last) { element.remove(); shown.delete(at); }
    }
    for (let at = first; at < last; at += 1) {
      if (!shown.has(at)) { const element = made(at); shown.set(at, element); rows.append(element); }
    }
    if (last >= calls.length - SPARE && wanted !== calls.length) { wanted = calls.length; api.more(); }
  }

  function anew() {
    for (const element of shown.values()) element.remove();
    shown.clear();
    rows.style.height = `${calls.length * HEIGHT}px`;
    draw();
  }

  const api = {
    /** Called where the end comes into sight. */
    more: () => {},
    /** Called with the call that is to be shown. */
    opened: () => {},
    get calls() { return calls; },
    get chosen() { return calls[chosen] ?? null; },
    /** Begin another list. */
    begin() {
      calls = []; wanted = -1; chosen = -1;
      list.scrollTop = 0;
      list.removeAttribute("aria-activedescendant");
      anew();
    },
    /** Calls behind those that are there. */
    append(more) {
      calls = calls.concat(more);
      rows.style.height = `${calls.length * HEIGHT}px`;
      draw();
    },
    redraw: anew,
    /** Mark the call at this place and bring it into sight. */
    choose(at) {
      if (calls.length === 0) return;
      chosen = Math.max(0, Math.min(calls.length - 1, at));
      const top = chosen * HEIGHT;
      if (top < list.scrollTop) list.scrollTop = top;
      if (top + HEIGHT > list.scrollTop + list.clientHeight) list.scrollTop = top + HEIGHT - list.clientHeight;
      list.setAttribute("aria-activedescendant", `call-${chosen}`);
      anew();
    },
    step(by) { api.choose(chosen + by); },
    get page() { return Math.max(1, Math.floor(list.clientHeight / HEIGHT) - 1); },
    /** Mark which call is open in the panel. */
    mark(id) { open = id; anew(); },
    open() { if (api.chosen) api.opened(api.chosen); },
  };
  list.addEventListener("scroll", draw, { passive: true });
  addEventListener("resize", draw);
  list.addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (row) { api.choose(Number(row.dataset.at)); api.open(); }
  });
  ew.list = api;
})();

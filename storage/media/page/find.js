"use strict";
/* What is looked for: words, numbers, agents and tags, days, states. */
(() => {
  const DAY = 86400000;
  const numbers = (row) => [row.from, row.to, row.from_e164, row.to_e164, ...(row.legs ?? []).flat()];
  const folded = (text) => text.normalize("NFKC").toLowerCase();

  const digits = (row) => row.digits ??= numbers(row).map((number) => number.replace(/\D/g, "")).join(" ");
  const text = (row) => row.text ??= folded([
    ...row.names, row.agent, row.agent_name, row.team, ...row.tags, ...row.events, row.id, ...numbers(row),
  ].join("\n"));

  const named = {
    agent: (value) => (row) => folded(row.agent) === value || folded(row.agent_name).includes(value),
    tag: (value) => (row) => row.tags.some((tag) => folded(tag) === value),
    team: (value) => (row) => folded(row.team).includes(value),
    name: (value) => (row) => folded(row.names.join("\n")).includes(value),
    state: (value) => (row) => row.state === value,
    direction: (value) => (row) => row.direction === value,
    codec: (value) => (row) => row.codecs.some((codec) => folded(codec) === value),
    id: (value) => (row) => row.id === value,
    number: (value) => (row) => fits(value, digits(row).split(" ")),
    from: (value) => (row) => fits(value, [row.from, row.from_e164].map((one) => one.replace(/\D/g, ""))),
    to: (value) => (row) => fits(value, [row.to, row.to_e164].map((one) => one.replace(/\D/g, ""))),
    dtmf: (value) => (row) => folded(row.dtmf).includes(value),
    has: (value) => (row) => (value === "recording" ? row.audio !== "" : value === "encrypted" && row.closed),
  };

  /** A number with * at either end for what is left open, else a whole one. */
  function fits(pattern, found) {
    const bare = pattern.replace(/[^\d]/g, "");
    const [open, close] = [pattern.startsWith("*"), pattern.endsWith("*")];
    return found.some((one) => one !== "" && (
      open && close ? one.includes(bare) : open ? one.endsWith(bare) : close ? one.startsWith(bare) : one === bare
    ));
  }

  function term(word) {
    const denied = word.startsWith("-") && word.length > 1;
    const bare = denied ? word.slice(1) : word;
    const [, field, rest] = /^([a-z]+)[:：](.+)$/i.exec(bare) ?? [];
    const test = plain(field && folded(field) in named ? [folded(field), rest] : [null, bare]);
    return denied ? (row) => !test(row) : test;
  }

  function plain([field, value]) {
    const wanted = folded(value.replace(/["“”]/g, ""));
    if (field) return named[field](wanted);
    const number = wanted.replace(/[\s+().*-]/g, "");
    if (/^\d{3,}$/.test(number)) return (row) => digits(row).includes(number) || text(row).includes(wanted);
    return (row) => text(row).includes(wanted);
  }

  const local = (date, more) => {
    const [year, month, day] = date.split("-").map(Number);
    return new Date(year, month - 1, day + more).getTime();
  };

  /** What the form asks for: whether anything, the days that may hold it, and whether a call fits. */
  window.earwitness.find = (wish) => {
    const words = wish.text.match(/(?:[^\s"“”]|["“][^"“”]*["”]?)+/g) ?? [];
    const tests = words.map(term);
    const since = wish.since ? local(wish.since, 0) : -Infinity;
    const until = wish.until ? local(wish.until, 1) : Infinity;
    if (wish.since || wish.until) tests.push((row) => row.start >= since && row.start < until);
    if (wish.state) tests.push((row) => row.state === wish.state);
    if (wish.audible) tests.push((row) => row.audio !== "");
    return {
      any: tests.length > 0,
      fits: (row) => tests.every((test) => test(row)),
      day: (name) => { const start = Date.parse(`${name}T00:00:00Z`); return start < until && start + DAY > since; },
    };
  };
})();

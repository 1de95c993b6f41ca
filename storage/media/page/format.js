"use strict";
/* How numbers, times and lengths are written. */
(() => {
  const two = (value) => String(value).padStart(2, "0");
  let whole = false;

  /** At least four digits are hidden, at most three in front and four behind shown; extensions stay. */
  function masked(number) {
    const digits = (number.match(/\d/g) ?? []).length;
    if (digits <= 5) return number;
    const shown = Math.min(digits - 4, 7);
    const last = Math.min(Math.floor((shown + 1) / 2), 4);
    const first = shown - last;
    let at = 0;
    return number.replace(/\d/g, (digit) => {
      at += 1;
      return at <= first || at > digits - last ? digit : "*";
    });
  }

  window.earwitness.format = {
    get whole() { return whole; },
    set whole(value) { whole = value; },
    number: (text) => (whole ? text : masked(text)),
    /** Local time of the machine: 2026-11-22 03:04:05. */
    time(milliseconds) {
      const at = new Date(milliseconds);
      const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
      return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
    },
    /** 0:08, 1:02:03: to the second that is over, as the list of calls shows it. */
    length(seconds) {
      const all = Math.floor(seconds + 0.0005);
      const rest = `${two(Math.floor(all / 60) % 60)}:${two(all % 60)}`;
      return all >= 3600 ? `${Math.floor(all / 3600)}:${rest}` : rest.replace(/^0/, "");
    },
    count: (value) => value.toLocaleString(window.earwitness.words.language),
  };
})();

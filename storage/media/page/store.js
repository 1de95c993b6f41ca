"use strict";
/* The list of calls, a script a day: pages from a disk may load scripts and nothing else. */
(() => {
  const ew = window.earwitness;
  const waiting = new Map();
  let manifest = null;

  /** Called by browse/medium.js. */
  ew.medium = (document) => { manifest = document; };

  /** Called by browse/<day>.js. */
  ew.day = (day, table) => {
    waiting.get(day)?.(table);
    waiting.delete(day);
  };

  const objects = (table) => table.rows.map((values) => {
    const row = {};
    for (let at = 0; at < values.length; at += 1) row[table.columns[at]] = values[at];
    return row;
  });

  function script(day) {
    return new Promise((resolve, reject) => {
      const element = document.createElement("script");
      waiting.set(day, resolve);
      element.src = `browse/${day}.js`;
      element.onload = () => { element.remove(); reject(new Error("it is of another day")); };
      element.onerror = () => { element.remove(); reject(new Error("it is missing")); };
      document.head.append(element);
    });
  }

  const base64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

  async function opened(day, text) {
    const packed = await ew.keys.list(`browse/${day}.js`, base64(text));
    const stream = packed.stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }

  const days = new Map();
  ew.store = {
    /** What medium.js says; null where it is missing. */
    get manifest() { return manifest; },
    /** The days that there are, newest first. */
    get days() { return manifest ? Object.keys(manifest.days) : []; },
    /** The calls of a day, newest first. Rejects where they cannot be read. */
    load(day) {
      if (!days.has(day)) {
        days.set(day, script(day)
          .then((table) => (typeof table === "string" ? opened(day, table) : table))
          .then(objects));
      }
      return days.get(day);
    },
  };
})();

"use strict";
/* The keys of an encrypted medium. */
(() => {
  window.earwitness.keys = { needed: false };
})();

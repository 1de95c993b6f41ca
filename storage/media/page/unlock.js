"use strict";
/* The keys of an encrypted medium: asked for once, kept in this page and nowhere else. */
(() => {
  const ew = window.earwitness;
  const by = (id) => document.getElementById(id);
  const KINDS = { opus: "audio/ogg", wav: "audio/wav", flac: "audio/flac" };
  const { say } = ew.words;
  let openers = [];
  let listKey = null;
  let files = null;

  async function given() {
    const found = [];
    if (by("passphrase").value) found.push(ew.cipher.passphrase(by("passphrase").value));
    const file = by("key-file").files[0];
    if (file) found.push(ew.cipher.file(await file.text()));
    return found;
  }

  async function tried(document) {
    const fault = by("unlock-fault");
    fault.textContent = "";
    by("unlock-go").disabled = true;
    by("unlock-go").textContent = say("opening");
    try {
      const found = await given();
      if (!found.length) { fault.textContent = say("needOne"); return false; }
      const key = await ew.cipher.key(document, found);
      if (!key) { fault.textContent = say("wrongKey"); return false; }
      [openers, listKey] = [found, key];
      return true;
    } catch {
      fault.textContent = say("wrongKey");
      return false;
    } finally {
      by("unlock-go").disabled = false;
      by("unlock-go").textContent = say("unlock");
    }
  }

  /** Files of the folder that is chosen, by their last name: ids of calls are the same nowhere else. */
  function chosen(holder) {
    if (files) return Promise.resolve(files);
    return new Promise((resolve) => {
      const label = document.createElement("label");
      const text = Object.assign(document.createElement("span"), { textContent: say("folder") });
      text.dataset.text = "folder";
      const input = Object.assign(document.createElement("input"), { type: "file", webkitdirectory: true });
      label.className = "folder";
      label.append(text, input);
      holder.prepend(label);
      input.focus();
      input.addEventListener("change", () => {
        files = new Map([...input.files].map((file) => [file.name, file]));
        label.remove();
        resolve(files);
      });
    });
  }

  async function bytes(name) {
    const file = files.get(name.split("/").pop());
    return file ? new Uint8Array(await file.arrayBuffer()) : null;
  }

  async function dataKey(name) {
    const stem = name.replace(/\.[^/]*$/, "");
    for (const each of [stem, stem.replace(/-[0-9a-f]{8}$/, "")]) {
      const found = await bytes(`${each}.key`);
      if (found) return ew.cipher.key(JSON.parse(new TextDecoder().decode(found)), openers);
    }
    return null;
  }

  /** What ``read`` gives; where a byte of it is not as it was, people are told so and not how it failed. */
  async function whole(read) {
    try {
      return await read();
    } catch {
      throw new Error(say("altered"));
    }
  }

  ew.keys = {
    /** Whether this medium is encrypted. */
    needed: false,
    /** Ask until something opens the key of the medium. */
    ask(wrapped) {
      ew.keys.needed = true;
      const dialog = by("unlock");
      if (!ew.cipher.able) { by("unlock-fault").textContent = say("noCrypto"); by("unlock-go").disabled = true; }
      return new Promise((resolve) => {
        dialog.addEventListener("cancel", (event) => event.preventDefault());
        dialog.querySelector("form").addEventListener("submit", async (event) => {
          event.preventDefault();
          if (await tried(wrapped)) {
            by("passphrase").value = "";
            by("key-file").value = "";
            dialog.close();
            resolve();
          }
        });
        dialog.showModal();
      });
    },
    /** A shard of the list, open. */
    async list(name, closed) {
      return new Blob(await ew.cipher.blob(closed, listKey, name));
    },
    /** The audio of this name out of the folder of the medium, which is asked for inside ``holder``. */
    async audio(name, holder) {
      await chosen(holder);
      const last = name.split("/").pop();
      const closed = await bytes(name);
      if (!closed) { files = null; throw new Error(say("noFile", { name: last })); }
      const kind = { type: KINDS[last.split(".").pop()] ?? "" };
      if (!ew.cipher.encrypted(closed)) return new Blob([closed], kind);
      const key = await whole(() => dataKey(name));
      if (!key) throw new Error(say("noCallKey"));
      return new Blob(await whole(() => ew.cipher.blob(closed, key, name)), kind);
    },
  };
})();

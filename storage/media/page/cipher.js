"use strict";
/* Opening what is encrypted: wrapped keys and blobs, in the forms that docs/design.md describes. */
(() => {
  const ew = window.earwitness;
  const subtle = globalThis.crypto?.subtle;
  const utf8 = (text) => new TextEncoder().encode(text);
  const base64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const joined = (...parts) => {
    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) { all.set(part, at); at += part.length; }
    return all;
  };
  const bound = (id) => utf8(`earwitness key 1 ${id}`);

  const MAGIC = utf8("EWENC1\n");
  const HEADER = 24;
  const CHUNK = 65536;
  const TAG = 16;

  async function hkdf(secret, salt, info, bytes) {
    const key = await subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
    return new Uint8Array(await subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info: utf8(info) }, key, bytes * 8));
  }

  async function unsealed(raw, nonce, data, additionalData) {
    const key = await subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
    return new Uint8Array(await subtle.decrypt({ name: "AES-GCM", iv: nonce, additionalData }, key, data));
  }

  const unwrapped = (raw, wrapping, id) => unsealed(raw, base64(wrapping.nonce), base64(wrapping.key), bound(id));

  /** Opens keys with a passphrase. What is derived from it takes long, and is kept. */
  function passphrase(words) {
    const derived = new Map();
    const derive = async ({ salt, rounds }) => {
      const key = await subtle.importKey("raw", utf8(words), "PBKDF2", false, ["deriveBits"]);
      return new Uint8Array(await subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: base64(salt), iterations: rounds }, key, 256));
    };
    return async (wrapping, id) => {
      if (wrapping.kind !== "passphrase") return null;
      const place = `${wrapping.salt} ${wrapping.rounds}`;
      if (!derived.has(place)) derived.set(place, derive(wrapping));
      return unwrapped(await derived.get(place), wrapping, id);
    };
  }

  /** Opens keys with a master key: base64 of 32 bytes. */
  function master(text) {
    const raw = base64(text.trim());
    if (raw.length !== 32) throw new Error("this is no master key");
    const wrapping = hkdf(raw, new Uint8Array(), "earwitness wrap 1", 32);
    return async (one, id) => (one.kind === "master" ? unwrapped(await wrapping, one, id) : null);
  }

  async function rsa(der, wrapping, id) {
    const key = await subtle.importKey("pkcs8", der, { name: "RSA-OAEP", hash: "SHA-256" }, false, ["decrypt"]);
    return new Uint8Array(await subtle.decrypt({ name: "RSA-OAEP", label: bound(id) }, key, base64(wrapping.key)));
  }

  async function x25519(der, wrapping, id) {
    const own = await subtle.importKey("pkcs8", der, { name: "X25519" }, true, ["deriveBits"]);
    const jwk = await subtle.exportKey("jwk", own);
    const mine = base64(jwk.x.replace(/-/g, "+").replace(/_/g, "/"));
    const theirs = base64(wrapping.ephemeral);
    const other = await subtle.importKey("raw", theirs, { name: "X25519" }, false, []);
    const shared = new Uint8Array(await subtle.deriveBits({ name: "X25519", public: other }, own, 256));
    return unwrapped(await hkdf(shared, joined(theirs, mine), "earwitness recipient 1", 32), wrapping, id);
  }

  /** Opens keys with the private key of a recipient: PEM, PKCS #8, without a password. */
  function recipient(pem) {
    const body = /-----BEGIN PRIVATE KEY-----([^-]+)-----END/.exec(pem);
    if (!body) throw new Error("this is no private key in PKCS #8");
    const der = base64(body[1].replace(/\s/g, ""));
    const ways = { "RSA-OAEP-256": rsa, X25519: x25519 };
    return async (wrapping, id) => (wrapping.kind === "recipient" ? ways[wrapping.algorithm](der, wrapping, id) : null);
  }

  ew.cipher = {
    get able() { return Boolean(subtle); },
    passphrase,
    /** Opens keys with what a key file holds. */
    file: (text) => (text.trimStart().startsWith("-----BEGIN") ? recipient(text) : master(text)),
    /** The data key in a document of wrappings, null where none of these opens it. */
    async key(document, openers) {
      for (const wrapping of document.wrappings) {
        for (const open of openers) {
          try {
            const found = await open(wrapping, document.call);
            if (found?.length === 32) return found;
          } catch { /* closed with another key */ }
        }
      }
      return null;
    },
    encrypted: (bytes) => bytes.length >= HEADER && MAGIC.every((value, at) => bytes[at] === value),
    /** What an encrypted blob holds, in chunks. Throws where one byte of it is not as it was. */
    async blob(bytes, key, name) {
      const header = bytes.subarray(0, HEADER);
      if (!ew.cipher.encrypted(bytes) || header[MAGIC.length] !== 16) throw new Error("not encrypted");
      const made = await hkdf(key, header.subarray(HEADER - 16), "earwitness blob 1", 39);
      const aes = await subtle.importKey("raw", made.subarray(0, 32), "AES-GCM", false, ["decrypt"]);
      const additionalData = joined(header, utf8(name));
      const chunks = [];
      const count = Math.ceil((bytes.length - HEADER) / (CHUNK + TAG));
      for (let number = 0; number < Math.max(1, count); number += 1) {
        const iv = new Uint8Array(12);
        iv.set(made.subarray(32));
        new DataView(iv.buffer).setUint32(7, number);
        iv[11] = number === count - 1 ? 1 : 0;
        const start = HEADER + number * (CHUNK + TAG);
        const sealed = bytes.subarray(start, start + CHUNK + TAG);
        chunks.push(new Uint8Array(await subtle.decrypt({ name: "AES-GCM", iv, additionalData }, aes, sealed)));
      }
      return chunks;
    },
  };
})();

import { describe, expect, it } from "vitest";
import { en } from "./en";
import { preferred } from "./language";
import { zh } from "./zh";

/** `list.title` → text, for every text of a language. */
function flat(texts: object, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(texts)) {
    if (typeof value === "string") found.set(prefix + key, value);
    else for (const [inner, text] of flat(value, `${prefix}${key}.`)) found.set(inner, text);
  }
  return found;
}

const english = flat(en);
const chinese = flat(zh);
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();

describe("the two languages", () => {
  it("have the same keys", () => expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort()));

  it("fill in the same values", () => {
    for (const [key, text] of english)
      expect([key, placeholders(chinese.get(key) ?? "")]).toEqual([key, placeholders(text)]);
  });

  it("leave nothing empty", () => {
    for (const [key, text] of [...english, ...chinese])
      expect([key, text.trim() === ""]).toEqual([key, false]);
  });

  it("are translated: only names and technical terms are the same", () => {
    const same = [...english].filter(([key, text]) => chinese.get(key) === text).map(([key]) => key);
    expect(same.sort()).toEqual(["leg.callId", "party.ssrc"]);
  });

  it("use full-width punctuation beside Chinese text", () => {
    const narrow = [...chinese].filter(([, text]) =>
      /[\u4e00-\u9fff][,;:?(]|[,;)][\u4e00-\u9fff]/.test(text),
    );
    expect(narrow).toEqual([]);
  });
});

it("prefers what the browser prefers", () => {
  expect(preferred(["fr-FR", "zh-TW", "en"])).toBe("zh");
  expect(preferred(["EN-gb"])).toBe("en");
  expect(preferred(["fr"])).toBe("en");
});

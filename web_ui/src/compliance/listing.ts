/** Which of many rules, holds or erasures are listed. Pure. */
import { type Erasure, type Hold, isOver, type Rule } from "./steps";

export type One = Rule | Hold | Erasure;

/** From so many on a list can be searched. */
export const MANY = 15;
/** So many are drawn at once: a browser takes seconds for thousands. */
export const PIECE = 50;

/** Those to which something can still be done. */
export function standing<Item extends One>(items: readonly Item[]): readonly Item[] {
  return items.filter((item) => !isOver(item));
}

/** Those that have every one of the words in their name, their reasons, or the names of who did something. */
export function within<Item extends One>(items: readonly Item[], words: string): readonly Item[] {
  const wanted = words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return items;
  return items.filter((item) => {
    const text = textOf(item).toLocaleLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

function textOf(item: One): string {
  const { id: _, state: __, ...told } = item;
  return strings(told).join("\n");
}

function strings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return value && typeof value === "object" ? Object.values(value).flatMap(strings) : [];
}

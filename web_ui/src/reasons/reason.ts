/**
 * What the server says of targets, runs and parts, in the reader's language. Pure.
 *
 * A reason is whole English sentences, because logs and the command line show it as it is, rows keep it for
 * years, and one stands inside another ("The target x is down since …: Nothing is mounted at …"). So it is
 * translated by its pattern: `{name}` stands for any text, which may be a reason itself.
 */

/** Translations by their English pattern; the names of the holes are the same in both. */
export type Catalogue = Readonly<Record<string, string>>;

interface Pattern {
  /** Matches the sentence at the beginning of a text; the last group is what follows it, if anything. */
  readonly matches: RegExp;
  readonly names: readonly string[];
  readonly translation: string;
  /** The greater, the earlier it is tried: by how it begins, then by all that it says itself. */
  readonly rank: readonly [isSentence: number, begins: number, says: number];
}

const HOLE = /\{(\w+)\}/g;
/** What a sentence begins with lies within it. */
const SUBJECT = "((?:(?!\\. ).)+?)";
const ANYTHING = "(.+?)";
const SENTENCE = /(\.|[:.] \{\w+\})$/;
/** Longer texts stay as they are: patterns take a time that grows faster than the text. */
const LONGEST = 4000;

/** A function that translates reasons; what the catalogue does not know stays as it is. */
export function translator(catalogue: Catalogue): (reason: string) => string {
  const patterns = Object.entries(catalogue).map(pattern);
  patterns.sort(byRank);
  const known = (text: string): string | null => {
    for (const { matches, names, translation } of patterns) {
      const found = matches.exec(text);
      if (!found) continue;
      const values = new Map(names.map((name, index) => [name, whole(found[index + 1] ?? "")]));
      const sentence = translation.replace(HOLE, (hole, name: string) => values.get(name) ?? hole);
      const rest = found[names.length + 1];
      return rest ? join(sentence, whole(rest)) : sentence;
    }
    return null;
  };
  const whole = (text: string): string => known(text) ?? afterStranger(text) ?? text;
  /** A sentence that nobody knows, with known ones behind it. */
  const afterStranger = (text: string): string | null => {
    for (const { index } of text.matchAll(/\. /g)) {
      const rest = known(text.slice(index + 2));
      if (rest !== null) return join(text.slice(0, index + 1), rest);
    }
    return null;
  };
  return (text) => (text.length > LONGEST ? text : whole(text));
}

function pattern([english, translation]: [string, string]): Pattern {
  const parts = english.split(HOLE);
  const names = parts.filter((_, index) => index % 2 === 1);
  const literals = parts.filter((_, index) => index % 2 === 0).map(escaped);
  const body = literals.reduce((before, literal, index) => {
    return `${before}${index === 1 && !literals[0] ? SUBJECT : ANYTHING}${literal}`;
  });
  // A hole at the end takes all that is left: what follows is translated as part of its value.
  const rest = english.endsWith("}") ? "" : "(?:;? (.+))?";
  const says = literals.reduce((sum, literal) => sum + literal.length, 0);
  const rank = [SENTENCE.test(english) ? 1 : 0, (parts[0] ?? "").length, says] as const;
  return { matches: new RegExp(`^${body}${rest}$`, "s"), names, translation, rank };
}

/**
 * A sentence is meant before a name (`The FTP server {host}:{port}`), the one that begins alike before one that stands
 * inside (`The archive target {name} is …: {detail}`), and what says most before what would match much.
 */
function byRank(one: Pattern, other: Pattern): number {
  const place = one.rank.findIndex((value, index) => value !== other.rank[index]);
  return place < 0 ? 0 : (other.rank[place] ?? 0) - (one.rank[place] ?? 0);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Chinese sentences need no space between them. */
function join(one: string, other: string): string {
  return /[。；，：？！]$/.test(one) ? one + other : `${one} ${other}`;
}

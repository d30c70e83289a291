/** Queries of a search: words, prefixes and phrases, all of which must occur in a message. */

import { wordsOf } from "./tokens.ts";

/** Words that must follow each other. The last one may be a prefix. */
export interface Term {
  readonly words: readonly string[];
  readonly isPrefix: boolean;
}

/** The terms of a query, all of which must occur. There is at least one. */
export type Query = readonly Term[];

/** A query that cannot be used. Its message says why, and where. */
export class QueryError extends Error {
  override readonly name = "QueryError";
}

/** The most characters of a query, and the most words. */
const MOST_CHARACTERS = 500;
const MOST_WORDS = 32;
/** The fewest characters of a prefix: a shorter one would occur in most of the messages. */
const SHORTEST_PREFIX = 2;

/** Blanks, a phrase in quotes, or anything up to the next blank or quote. */
const PART = /\s+|"([^"]*)("?)|[^\s"]+/gu;

/**
 * Reads a query: words that must all occur, `wor*` for the beginning of a word, `"two words"` for a phrase.
 *
 * @throws {QueryError}
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseQuery } from "./query.ts";
 *
 * assertEquals(parseQuery('disk "no space" Err*'), [
 *   { words: ["disk"], isPrefix: false },
 *   { words: ["no", "space"], isPrefix: false },
 *   { words: ["err"], isPrefix: true },
 * ]);
 * assertThrows(() => parseQuery('tea "milk'), Error, "the quote at character 5 is not closed");
 * ```
 */
export function parseQuery(text: string): Query {
  if (text.length > MOST_CHARACTERS) throw wrong(`a search has at most ${MOST_CHARACTERS} characters`);
  const terms: Term[] = [];
  let count = 0;
  let units = 0;
  for (const [part, phrase, quote] of text.matchAll(PART)) {
    const place = [...text.slice(0, units)].length + 1;
    units += part.length;
    if (phrase === undefined && part.trim() === "") continue;
    if (phrase !== undefined && quote === "") throw wrong(`the quote at character ${place} is not closed`);
    if (part === "*" && text[units - 2] === '"' && terms.length > 0) {
      terms[terms.length - 1] = prefixOf(terms.at(-1)!, place);
      continue;
    }
    const term = phrase === undefined ? termOf(part, place) : { words: wordsOf(phrase), isPrefix: false };
    if (term.words.length === 0) {
      throw wrong(
        `there is no letter or digit in ${JSON.stringify(phrase ?? part)} at character ${place}`,
      );
    }
    count += term.words.length;
    if (count > MOST_WORDS) throw wrong(`a search has at most ${MOST_WORDS} words`);
    terms.push(term);
  }
  if (terms.length === 0) throw wrong("there is no word to search for");
  return terms;
}

function termOf(part: string, place: number): Term {
  const star = part.indexOf("*");
  if (star < 0) return { words: wordsOf(part), isPrefix: false };
  const before = [...part.slice(0, star)].length;
  if (star < part.length - 1 || star === 0) {
    throw wrong(`the * at character ${place + before} is not at the end of a word`);
  }
  return prefixOf({ words: wordsOf(part.slice(0, star)), isPrefix: false }, place + before);
}

function prefixOf({ words }: Term, place: number): Term {
  const last = words.at(-1);
  if (last !== undefined && [...last].length < SHORTEST_PREFIX && last < "\x7f") {
    throw wrong(`the * at character ${place} needs at least ${SHORTEST_PREFIX} letters before it`);
  }
  return { words, isPrefix: true };
}

function wrong(why: string): QueryError {
  return new QueryError(`Cannot search: ${why}`);
}

/**
 * Tells whether all terms of a query occur in the words of a text.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { matches, parseQuery } from "./query.ts";
 * import { wordsOf } from "./tokens.ts";
 *
 * assert(matches(parseQuery('"black tea" mil*'), wordsOf("Black tea, no milk")));
 * assert(!matches(parseQuery('"tea black"'), wordsOf("Black tea, no milk")));
 * ```
 */
export function matches(query: Query, words: readonly string[]): boolean {
  return query.every((term) => occurs(term, words));
}

function occurs({ words: [first, ...rest], isPrefix }: Term, words: readonly string[]): boolean {
  if (rest.length === 0 && isPrefix) return words.some((word) => word.startsWith(first!));
  for (let at = words.indexOf(first!); at >= 0; at = words.indexOf(first!, at + 1)) {
    const follows = rest.every((word, index) => {
      const found = words[at + 1 + index];
      return isPrefix && index === rest.length - 1 ? found?.startsWith(word) : found === word;
    });
    if (follows) return true;
  }
  return false;
}

/** Scripts of names: the mixtures of writing systems that a name may have, after Unicode TR 39. */

/** The scripts of Unicode 15 by their short names, Common and Inherited left out. */
const SCRIPTS =
  ("Adlm Aghb Ahom Arab Armi Armn Avst Bali Bamu Bass Batk Beng Bhks Bopo Brah Brai Bugi Buhd Cakm Cans Cari Cham " +
    "Cher Chrs Copt Cpmn Cprt Cyrl Deva Diak Dogr Dsrt Dupl Egyp Elba Elym Ethi Geor Glag Gong Gonm Goth Gran Grek Gujr Guru Hang " +
    "Hani Hano Hatr Hebr Hira Hluw Hmng Hmnp Hung Ital Java Kali Kana Kawi Khar Khmr Khoj Kits Knda Kthi Lana Laoo Latn Lepc Limb " +
    "Lina Linb Lisu Lyci Lydi Mahj Maka Mand Mani Marc Medf Mend Merc Mero Mlym Modi Mong Mroo Mtei Mult Mymr Nagm Nand Narb Nbat " +
    "Newa Nkoo Nshu Ogam Olck Orkh Orya Osge Osma Ougr Palm Pauc Perm Phag Phli Phlp Phnx Plrd Prti Rjng Rohg Runr Samr Sarb Saur " +
    "Sgnw Shaw Shrd Sidd Sind Sinh Sogd Sogo Sora Soyo Sund Sylo Syrc Tagb Takr Tale Talu Taml Tang Tavt Telu Tfng Tglg Thaa Thai " +
    "Tibt Tirh Tnsa Toto Ugar Vaii Vith Wara Wcho Xpeo Xsux Yezi Yiii Zanb").split(" ");

/** The mixtures that are allowed beside single scripts: those of Japanese, Chinese and Korean, with Latin. */
const MIXTURES = [["Latn", "Hani", "Hira", "Kana"], ["Latn", "Hani", "Bopo"], ["Latn", "Hani", "Hang"]];

const LATIN = /^[\p{scx=Latn}\p{sc=Zyyy}\p{sc=Zinh}]*$/u;
const SHARED = /^[\p{sc=Zyyy}\p{sc=Zinh}]$/u;

/**
 * The expressions that were needed so far, by their scripts. They are cached because building one takes longer than
 * using it.
 */
const known = new Map<string, RegExp>();

function usedIn(scripts: readonly string[]): RegExp {
  const key = scripts.join(" ");
  let expression = known.get(key);
  if (expression === undefined) {
    const classes = scripts.map((script) => `\\p{scx=${script}}`).join("");
    known.set(key, expression = new RegExp(`^[${classes}\\p{sc=Zyyy}\\p{sc=Zinh}]*$`, "u"));
  }
  return expression;
}

/**
 * Returns whether a name mixes scripts, so that one of its letters could be mistaken for a letter of another script.
 * All of it must be of one script; Latin may stand beside the scripts of Japanese, Chinese or Korean: "highly
 * restrictive" in Unicode TR 39, with Script_Extensions. Digits, punctuation and symbols belong to every script.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { mixesScripts } from "./scripts.ts";
 *
 * assertEquals(["alice", "алиса-2", "東京タワーA", "🎉zoé"].map(mixesScripts), [false, false, false, false]);
 * // The second letter is Cyrillic.
 * assertEquals(mixesScripts("p\u0430ul"), true);
 * ```
 */
export function mixesScripts(name: string): boolean {
  if (LATIN.test(name)) return false;
  if (MIXTURES.some((scripts) => usedIn(scripts).test(name))) return false;
  const first = [...name].find((character) => !SHARED.test(character) && !LATIN.test(character));
  if (first === undefined) return false;
  return !SCRIPTS.some((script) => usedIn([script]).test(first) && usedIn([script]).test(name));
}

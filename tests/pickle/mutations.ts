/** Pickles damaged at random: single bytes, opcodes of others, pieces moved, doubled and cut out. */

const INTERESTING = [
  ..."(.02FILNPRSVabcdgilpst)1GJKMQTUX]ehjoqru}BC",
].map((char) => char.charCodeAt(0));
for (let opcode = 0x80; opcode <= 0x98; opcode++) INTERESTING.push(opcode);

/** Gives a copy with one to four mutations; `others` lends pieces. */
export function mutate(
  pickle: Uint8Array,
  others: readonly Uint8Array[],
  random: (n: number) => number,
): Uint8Array {
  let bytes = [...pickle];
  for (let left = 1 + random(4); left > 0; left--) {
    const at = random(bytes.length);
    switch (random(8)) {
      case 0:
        bytes[at] = random(256);
        break;
      case 1:
        bytes[at]! ^= 1 << random(8);
        break;
      case 2:
        bytes[at] = INTERESTING[random(INTERESTING.length)]!;
        break;
      case 3:
        bytes.splice(at, 0, INTERESTING[random(INTERESTING.length)]!);
        break;
      case 4:
        bytes.splice(at, 1 + random(4));
        break;
      case 5: {
        const piece = bytes.slice(at, at + 1 + random(16));
        bytes.splice(random(bytes.length), 0, ...piece);
        break;
      }
      case 6: {
        const other = others[random(others.length)]!;
        const from = random(other.length);
        bytes.splice(at, random(3), ...other.subarray(from, from + 1 + random(24)));
        break;
      }
      case 7:
        bytes = bytes.concat(new Array(random(8)).fill(0));
        break;
    }
    if (bytes.length === 0) bytes.push(0x2e);
  }
  return Uint8Array.from(bytes);
}

/** Mends what most mutations break, so that more come further: FRAME opcodes are taken out. */
export function withoutFrames(pickle: Uint8Array): Uint8Array {
  const at = pickle.indexOf(0x95);
  if (at !== 2) return pickle;
  return Uint8Array.of(...pickle.subarray(0, at), ...pickle.subarray(at + 9));
}

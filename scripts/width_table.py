"""Writes lib/terminal/width_table.ts: which characters take two columns of a terminal, by Unicode's East Asian Width.

Run it with the newest CPython at hand: python3 scripts/width_table.py > lib/terminal/width_table.ts
"""

import string
import sys
import unicodedata

DIGITS = string.digits + string.ascii_lowercase
WIDTH = 100


def base36(number):
    text = ""
    while True:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
        if not number:
            return text


def is_wide(point):
    # Terminals take what is unassigned for narrow, except where whole planes are set aside for ideographs.
    char = chr(point)
    unassigned = unicodedata.category(char) == "Cn" and point < 0x20000
    return unicodedata.east_asian_width(char) in "WF" and not unassigned


def runs():
    """The lengths of the runs of characters that are alike, the first run being narrow."""
    wide, start = False, 0
    for point in range(sys.maxunicode + 1):
        if is_wide(point) != wide:
            yield point - start
            wide, start = not wide, point


lines = [""]
for length in runs():
    if len(lines[-1]) > WIDTH:
        lines.append("")
    lines[-1] += base36(length) + " "

print("/** Lengths of the runs of characters that take two columns of a terminal, written by scripts/width_table.py. */")
print()
print("/** The version of Unicode that the table is made of. */")
print(f'export const UNICODE_VERSION = "{unicodedata.unidata_version}";')
print()
print("/** The lengths, in base 36, of the runs of narrow and wide characters in turn, from U+0000 on. */")
print("export const WIDE_RUNS = (")
print(" +\n".join(f'  "{line}"' for line in lines))
print(").trim();")

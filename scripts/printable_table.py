"""Writes lib/pickle/repr/printable_table.ts: which characters the str.isprintable of this Python calls printable.

Run it with the CPython that format is to agree with: python3 scripts/printable_table.py > lib/pickle/repr/printable_table.ts
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


def runs():
    """The lengths of the runs of characters that are alike, the first run being unprintable."""
    printable, start = False, 0
    for point in range(sys.maxunicode + 1):
        if chr(point).isprintable() != printable:
            yield point - start
            printable, start = not printable, point


lines = [""]
for length in runs():
    if len(lines[-1]) > WIDTH:
        lines.append("")
    lines[-1] += base36(length) + " "

print("/** Lengths of the runs of characters that repr shows unescaped, written by scripts/printable_table.py. */")
print()
print("/** The version of Unicode that the table is made of, as CPython 3.11 has it. */")
print(f'export const UNICODE_VERSION = "{unicodedata.unidata_version}";')
print()
print("/** The lengths, in base 36, of the runs of unprintable and printable characters in turn, from U+0000 on. */")
print("export const PRINTABLE_RUNS = (")
print(" +\n".join(f'  "{line}"' for line in lines))
print(").trim();")

"""Writes lib/pickle/values/compat_table.ts: what protocols 0 to 2 call the names of Python 3, from this Python's own tables."""

import _compat_pickle as compat

LINE = 108


def block(name, doc, rows):
    lines, line = [], ""
    for row in rows:
        if line and len(line) + 2 + len(row) > LINE - 4:
            lines.append(line)
            line = row
        else:
            line = f"{line}, {row}" if line else row
    lines.append(line)
    body = "".join(f"  {line}\n" for line in lines)
    return f"/** {doc} */\nexport const {name} = `\n{body}`;\n"


def modules(table):
    return [f"{old} {new}" for old, new in sorted(table.items())]


def names(table):
    return [f"{a}.{b} {c}.{d}" for (a, b), (c, d) in sorted(table.items())]


HEAD = """/**
 * Tables of the modules and names that differ between Python 2 and 3, written by scripts/compat_names.py. Each entry is
 * "before after"; the module of a name is the part before its last dot.
 *
 * @module
 */
"""

with open("lib/pickle/values/compat_table.ts", "w") as file:
    print(HEAD, file=file)
    print(block("MODULES_TO_3", "Modules that Python 3 renamed.", modules(compat.IMPORT_MAPPING)), file=file)
    print(block("NAMES_TO_3", "Names that Python 3 moved.", names(compat.NAME_MAPPING)), file=file)
    print(block("MODULES_TO_2", "Names of modules in Python 2.", modules(compat.REVERSE_IMPORT_MAPPING)), file=file)
    print(block("NAMES_TO_2", "Names in Python 2, by their names in Python 3.", names(compat.REVERSE_NAME_MAPPING)), file=file, end="")

#!/usr/bin/env python3
"""Packs a folder so that the same files give the same bytes: archive.py FOLDER ARCHIVE SECONDS.

ARCHIVE ends with .tar.gz or .zip. Every entry is as old as SECONDS since 1970 says, belongs to root, stands in the order of
the names, and is executable where its file is.
"""

import gzip
import pathlib
import sys
import tarfile
import time
import zipfile


def main(folder, archive, seconds):
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    entries = [(path.relative_to(folder.parent).as_posix(), 0o755 if path.stat().st_mode & 0o100 else 0o644, path) for path in paths]
    if archive.name.endswith(".zip"):
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as output:
            for name, mode, path in entries:
                info = zipfile.ZipInfo(name, time.gmtime(seconds)[:6])
                info.compress_type = zipfile.ZIP_DEFLATED
                info.create_system = 3
                info.external_attr = (0o100000 | mode) << 16
                output.writestr(info, path.read_bytes())
        return
    with open(archive, "wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as output:
            for name, mode, path in entries:
                info = tarfile.TarInfo(name)
                info.size, info.mode, info.mtime = path.stat().st_size, mode, seconds
                info.uname = info.gname = "root"
                with open(path, "rb") as file:
                    output.addfile(info, file)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3]))

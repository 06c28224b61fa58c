#!/usr/bin/env python3
"""Turns the manifest of a source tree into what mke2fs -d copies of it (stdin to stdout).

mke2fs makes directories, their sizes, all but the modification times in whole seconds, and
inode flags by itself.
"""
import json
import sys

for line in sys.stdin:
    entry = json.loads(line)
    for field in ("ctime", "btime", "atime", "attributes", "mtime"):
        entry.pop(field, None)
    if entry["type"] == "d":
        entry.pop("size")
        entry.pop("nlink")
    print(json.dumps(entry, separators=(",", ":")))

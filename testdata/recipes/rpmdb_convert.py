#!/usr/bin/env python3
"""Moves package headers between the forms of an rpm database.

usage: rpmdb_convert.py FROM TO

FROM is a Packages.db (rpm's own form) or an rpmdb.sqlite; TO ends in .sqlite (a database that rpm
with SQLite lists), in .db (rpm's own form, written as rpmpkg.c does) or in .load (a file for
`db_load -f`). Debian's rpm has no backend for rpm's own form."""
import sqlite3, struct, sys, zlib

def read(path):
    data = open(path, "rb").read()
    if data.startswith(b"SQLite format 3\0"):
        rows = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        return list(rows.execute("select hnum, blob from Packages order by hnum"))
    magic, version, generation, pages = struct.unpack_from("<4sIII", data)
    assert magic == b"RpmP" and version == 0
    found = []
    for at in range(32, pages * 4096, 16):
        magic, number, block, count = struct.unpack_from("<4sIII", data, at)
        if number:
            head, owner, generation, length = struct.unpack_from("<4sIII", data, block * 16)
            assert head == b"BlbS" and owner == number
            found.append((number, data[block * 16 + 16:block * 16 + 16 + length]))
    return sorted(found)

def write_sqlite(rows, path):
    db = sqlite3.connect(path)
    db.execute("create table if not exists Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
    db.executemany("insert into Packages values (?, ?)", rows)
    db.commit()

def write_ndb(rows, path):
    slots = bytearray(struct.pack("<4sIIII12x", b"RpmP", 0, 1, 1, max(n for n, _ in rows) + 1))
    blobs, block = bytearray(), 4096 // 16
    for number, blob in rows:
        body = struct.pack("<4sIII", b"BlbS", number, 1, len(blob)) + blob
        body += bytes(-(len(body) + 12) % 16)
        body += struct.pack("<II4s", zlib.adler32(body), len(blob), b"BlbE")
        slots += struct.pack("<4sIII", b"Slot", number, block, len(body) // 16)
        blobs += body
        block += len(body) // 16
    while len(slots) < 4096:
        slots += struct.pack("<4sIII", b"Slot", 0, 0, 0)
    open(path, "wb").write(slots + blobs)

def write_load(rows, path):
    quote = lambda b: "".join(f"\\{c:02x}" for c in b)
    with open(path, "w") as out:
        out.write("VERSION=3\nformat=print\ntype=hash\ndb_pagesize=4096\nHEADER=END\n")
        for number, blob in [(0, struct.pack("=I", len(rows)))] + rows:
            out.write(f" {quote(struct.pack('=I', number))}\n {quote(blob)}\n")
        out.write("DATA=END\n")

rows, target = read(sys.argv[1]), sys.argv[2]
if target.endswith(".sqlite"):
    write_sqlite(rows, target)
elif target.endswith(".db"):
    write_ndb(rows, target)
else:
    write_load(rows, target)

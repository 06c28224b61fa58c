#!/usr/bin/env python3
"""Makes tables that no partitioner writes.

usage: gpt_edit.py DISK overlap     partition 2 of a GPT begins inside partition 1
       gpt_edit.py DISK entry-size  the GPT's entries become 256 bytes long, half as many
       gpt_edit.py DISK ebr-loop    the last extended boot record of an MBR points to the first

Offsets after the UEFI specification 2.10, chapter 5; all checksums are made right again.
"""
import struct
import sys
import zlib

SECTOR = 512


def get(f, lba, count=1):
    f.seek(lba * SECTOR)
    return bytearray(f.read(count * SECTOR))


def put(f, lba, data):
    f.seek(lba * SECTOR)
    f.write(data)


def headers(f):
    primary = get(f, 1)
    backup = struct.unpack_from("<Q", primary, 32)[0]
    return [(1, primary), (backup, get(f, backup))]


def rewrite(f, edit):
    """Passes the entries of both tables through edit(entries), which may change their size."""
    for lba, header in headers(f):
        start, count, size = struct.unpack_from("<QII", header, 72)
        entries, size = edit(get(f, start, count * size // SECTOR), size)
        put(f, start, entries)
        struct.pack_into("<III", header, 80, len(entries) // size, size, zlib.crc32(entries))
        header_size = struct.unpack_from("<I", header, 12)[0]
        header[16:20] = bytes(4)
        struct.pack_into("<I", header, 16, zlib.crc32(header[:header_size]))
        put(f, lba, header)


def overlap(entries, size):
    start, end = struct.unpack_from("<QQ", entries, 32)
    struct.pack_into("<Q", entries, size + 32, (start + end + 1) // 2)
    return entries, size


def double(entries, size):
    half = len(entries) // size // 2
    wide = b"".join(entries[i * size:(i + 1) * size] + bytes(size) for i in range(half))
    return bytearray(wide), size * 2


def ebr_loop(f):
    mbr = get(f, 0)
    first = next(
        struct.unpack_from("<I", mbr, at + 8)[0]
        for at in range(446, 510, 16)
        if mbr[at + 4] in (0x05, 0x0F)
    )
    here = first
    while True:
        record = get(f, here)
        link = struct.unpack_from("<I", record, 462 + 8)[0]
        if record[462 + 4] == 0:
            record[462 + 4] = 0x05
            struct.pack_into("<II", record, 462 + 8, 0, 2048)
            put(f, here, record)
            return
        here = first + link


def main():
    disk, what = sys.argv[1:]
    with open(disk, "r+b") as f:
        if what == "overlap":
            rewrite(f, overlap)
        elif what == "entry-size":
            rewrite(f, double)
        elif what == "ebr-loop":
            ebr_loop(f)
        else:
            sys.exit(__doc__)


main()

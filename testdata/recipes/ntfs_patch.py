#!/usr/bin/env python3
"""Changes a finished NTFS image where no tool does it.

usage: ntfs_patch.py IMAGE OWN PROFILE...

validsize, tiny: sets the initialised size of the files "initialised to N" to N.
dirty: sets the dirty flag of $Volume.
"""
import struct
import sys

image, profiles = sys.argv[1], sys.argv[3:]


def records(disk):
    """Offset of each MFT record in use, by its signature (all stand at multiples of 1 KiB).

    Puts back the two bytes at the end of each 512 that the update sequence took."""
    for at in range(0, len(disk), 1024):
        if disk[at:at + 4] == b"FILE" and disk[at + 22] & 1:
            array, count = struct.unpack_from("<HH", disk, at + 4)
            for unit in range(1, count):
                own = at + array + 2 * unit
                disk[at + 512 * unit - 2:at + 512 * unit] = disk[own:own + 2]
            yield at


def attributes(disk, at):
    attribute = at + struct.unpack_from("<H", disk, at + 20)[0]
    while True:
        kind, length = struct.unpack_from("<II", disk, attribute)
        if kind == 0xFFFFFFFF or length == 0:
            return
        yield kind, attribute
        attribute += length


def name(disk, at):
    for kind, attribute in attributes(disk, at):
        if kind == 0x30:
            value = attribute + struct.unpack_from("<H", disk, attribute + 20)[0]
            return disk[value + 66:value + 66 + 2 * disk[value + 64]].decode("utf-16-le", "replace")
    return ""


if {"validsize", "tiny", "dirty"} & set(profiles):
    disk = bytearray(open(image, "rb").read())
    changes = []
    for at in records(disk):
        called = name(disk, at)
        for kind, attribute in attributes(disk, at):
            if called.startswith("initialised to ") and kind == 0x80:
                changes.append((attribute + 56, struct.pack("<Q", int(called.split()[-1]))))
            if "dirty" in profiles and called == "$Volume" and kind == 0x70:
                value = attribute + struct.unpack_from("<H", disk, attribute + 20)[0]
                changes.append((value + 10, bytes([disk[value + 10] | 1])))
    assert changes, "nothing to change"
    with open(image, "r+b") as f:
        for at, value in changes:
            # The last two bytes of each 512 are not where they seem to be.
            assert at % 512 + len(value) <= 510
            f.seek(at)
            f.write(value)

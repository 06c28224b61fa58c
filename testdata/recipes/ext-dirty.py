#!/usr/bin/env python3
"""Changes a mounted ext file system so that the changes stand in its journal and nowhere else.

usage: ext-dirty.py DIR
"""
import os
import random
import sys

RANDOM = random.Random(7)
# A block that begins as a journal block does is stored escaped where data is journalled.
MAGIC = (0xC03B3998).to_bytes(4, "big")


def write(name, data):
    with open(name, "wb") as f:
        f.write(data)


def fsync(name):
    fd = os.open(name, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)


def main():
    root = sys.argv[1]
    os.chdir(root)
    for i in range(400):
        write(f"f{i}", b"file%d" % i)
    os.mkdir("gone")
    for i in range(200):
        write(f"gone/entry_that_goes_away_{i}", b"x" * 5000)
    os.sync()
    os.mkdir("newdir")
    for i in range(1, 301):
        write(f"newdir/g{i}", RANDOM.randbytes(i * 37))
    write("newdir/escaped", (MAGIC + bytes(4092)) * 5 + b"tail")
    for i in range(100, 200):
        os.unlink(f"f{i}")
    os.rename("f5", "newdir/f5")
    os.symlink("f6", "lnk")
    os.truncate("f7", 3)
    fsync("newdir/g1")
    # Blocks of a removed directory, then used for data, must not be replayed: revoke records.
    for i in range(200):
        os.unlink(f"gone/entry_that_goes_away_{i}")
    os.rmdir("gone")
    fsync("newdir")
    for i in range(200):
        name = f"newdir/h{i}"
        write(name, b"after%d " % i * 600)
        if i % 20 == 0:
            fsync(name)
    for i in range(0, 200, 7):
        os.unlink(f"newdir/h{i}")
    os.link("newdir/g2", "newdir/g2link")
    os.setxattr("newdir/g3", "user.late", b"late")
    os.chmod("newdir/g4", 0o4711)
    os.truncate("newdir/g200", 100)
    for folder, _, files in os.walk("newdir"):
        for name in files:
            fsync(os.path.join(folder, name))
    fsync("newdir")
    # With fast_commit these stand in its own area: no directory is made, renamed or synchronised.
    for i in range(20):
        name = f"newdir/late{i}"
        write(name, b"late%d " % i * (i * 500))
        fsync(name)
    os.unlink("newdir/late3")
    os.link("newdir/late4", "newdir/late4link")
    os.truncate("newdir/late5", 5000)
    with open("newdir/late6", "ab") as f:
        f.write(b"more" * 3000)
    for name in ("late4", "late5", "late6"):
        fsync("newdir/" + name)


main()

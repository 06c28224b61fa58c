#!/usr/bin/env python3
"""Fills a mounted ext file system with one of everything that the kernel can store in it.

usage: ext-tree.py DIR [--entries N] [--deep BLOCKS] [--encrypted]

--entries: names in the big directory. --deep: blocks of the file that is punched into an extent
for every second block. --encrypted: also a directory with an fscrypt policy (needs the feature).
What a file system can't hold (an attribute too large, a flag it does not know) is left out: the
truth is always what the kernel shows afterwards.
"""
import argparse
import ctypes
import fcntl
import os
import random
import socket
import struct

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_long, ctypes.c_long]
KEEP_SIZE, PUNCH_HOLE = 1, 2
RANDOM = random.Random(20240229)
FS_IOC_SETFLAGS, FS_IOC_ADD_KEY, FS_IOC_SET_POLICY = 0x40086602, 0xC0506617, 0x800C6613
FS_IOC_SET_POLICY_V2 = FS_IOC_SET_POLICY
FS_IMMUTABLE, FS_APPEND = 0x10, 0x20


def write(name, data):
    with open(name, "wb") as f:
        f.write(data)


def tolerant(action, *args, **kwargs):
    try:
        action(*args, **kwargs)
    except OSError:
        pass


def fallocate(fd, mode, offset, length):
    if LIBC.fallocate(fd, mode, offset, length) != 0:
        raise OSError(ctypes.get_errno(), "fallocate")


def write_at(name, size, *pieces):
    with open(name, "wb") as f:
        f.truncate(size)
        for offset, data in pieces:
            f.seek(offset)
            f.write(data)


def sizes():
    for s in (0, 1, 10, 59, 60, 61, 100, 150, 156, 160, 161, 1023, 1024, 1025, 4095, 4096, 4097,
              12288, 12289, 65535, 65536, 65537, 1048577, 5000000):
        write(f"size_{s}", RANDOM.randbytes(s))


def holes(deep):
    write_at("sparse_empty", 40 << 20)
    # Reaches into the triple indirect block of an ext2 with blocks of 1 KiB.
    write_at("sparse_mid", 70 << 20, (0, b"start"), (300 << 10, b"double"), (33554432, b"hello"),
             ((70 << 20) - 3, b"end"))
    write_at("sparse_start", 10 << 20, (0, RANDOM.randbytes(1024)))
    fd = os.open("unwritten", os.O_CREAT | os.O_RDWR)
    tolerant(fallocate, fd, 0, 0, 4 << 20)
    os.pwrite(fd, b"X", 1000000)
    os.close(fd)
    fd = os.open("keepsize", os.O_CREAT | os.O_RDWR)
    tolerant(fallocate, fd, KEEP_SIZE, 0, 4 << 20)
    os.pwrite(fd, b"kept", 0)
    os.close(fd)
    block = os.statvfs(".").f_bsize
    write("frag", RANDOM.randbytes(deep * block))
    fd = os.open("frag", os.O_RDWR)
    os.fsync(fd)
    for i in range(0, deep, 2):
        tolerant(fallocate, fd, KEEP_SIZE | PUNCH_HOLE, i * block, block)
    os.close(fd)


def links():
    os.symlink("size_10", "fastlink")
    os.symlink("a" * 59, "fast59")
    os.symlink("b" * 60, "slow60")
    os.symlink("c/" * 400, "slow800")
    os.symlink("/nonexistent", "dangling")
    os.symlink("../special/../special/size_10", "rel")
    os.link("size_100", "hard1")
    os.link("size_100", "hard2")


def nodes():
    os.mkfifo("fifo")
    os.mknod("chr", 0o600 | 0o020000, os.makedev(1, 3))
    os.mknod("blk", 0o660 | 0o060000, os.makedev(7, 0))
    os.mknod("chr_wide", 0o600 | 0o020000, os.makedev(0xABC, 0x12345))
    os.mknod("blk_wide", 0o600 | 0o060000, os.makedev(3, 256))
    socket.socket(socket.AF_UNIX).bind("socket")


def acl(*entries):
    """A value of system.posix_acl_*: version 2, then tag, permissions, id of each entry."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *e) for e in entries)


def attributes():
    none = 0xFFFFFFFF
    entries = ((1, 6, none), (2, 7, 1000), (2, 4, 70000), (4, 4, none), (8, 4, 33), (16, 7, none),
               (32, 4, none))
    for name in ("x_file", "x_big", "x_many", "x_acl", "x_shared1", "x_shared2"):
        write(name, RANDOM.randbytes(10))
    os.mkdir("x_dir")
    tolerant(os.setxattr, "x_file", "user.test", b"value")
    tolerant(os.setxattr, "x_file", "user.empty", b"")
    tolerant(os.setxattr, "x_file", "security.foo", b"bar\0\xff")
    tolerant(os.setxattr, "x_file", "trusted.tt", b"1")
    tolerant(os.setxattr, "x_file", "security.capability",
             bytes.fromhex("0100000200200000000000000000000000000000"))
    tolerant(os.setxattr, "x_big", "user.big", b"z" * 900)
    tolerant(os.setxattr, "x_big", "user.huge", RANDOM.randbytes(20000))
    tolerant(os.setxattr, "x_big", "user.huge2", RANDOM.randbytes(3000))
    for i in range(40):
        tolerant(os.setxattr, "x_many", f"user.number_{i}", b"v" * i)
    for name in ("x_shared1", "x_shared2"):
        tolerant(os.setxattr, name, "user.same", b"s" * 500)
    tolerant(os.setxattr, "x_acl", "system.posix_acl_access", acl(*entries))
    tolerant(os.setxattr, "x_dir", "system.posix_acl_default", acl(*entries))
    tolerant(os.setxattr, "x_dir", "user.on_dir", b"d")
    tolerant(os.setxattr, "slow60", "trusted.on_link", b"l", follow_symlinks=False)
    tolerant(os.setxattr, "chr", "security.on_node", b"n")


def owners_and_times():
    for i, mode in enumerate((0o4755, 0o2755, 0o1777, 0o000, 0o7777)):
        write(f"mode_{mode:o}", b"")
        os.chown(f"mode_{mode:o}", 70000 + i, 3000000000)
        os.chmod(f"mode_{mode:o}", mode)
    for name, seconds in (("t1901", -2147483648), ("t1969", -1), ("t2038", 2147483648),
                          ("t2106", 4294967296), ("t2240", 2**33), ("t2446", 15032385535)):
        write(name, b"")
        os.utime(name, ns=(seconds * 10**9 + 123456789, seconds * 10**9 + 987654321))


def names(entries):
    for name in (b"name with space", b"new\nline", b"bad\xff\xfeutf8", "üñí→名前".encode(), b"n" * 255):
        write(name, b"")
    deep = "/".join(["d"] * 100)
    os.makedirs(deep)
    write(deep + "/file", b"deep\n")
    os.mkdir("hd")
    for i in range(entries):
        write(f"hd/entry_with_a_longish_name_{i:06d}", str(i).encode() if i % 10 == 0 else b"")
    os.mkdir("deld")
    for i in range(500):
        write(f"deld/f{i}", str(i).encode())
    for i in range(0, 500, 3):
        os.unlink(f"deld/f{i}")


def flags():
    for name, bits in (("immutable", FS_IMMUTABLE), ("append", FS_APPEND),
                       ("both", FS_IMMUTABLE | FS_APPEND)):
        write(name, b"flagged")
        fd = os.open(name, os.O_RDONLY)
        tolerant(fcntl.ioctl, fd, FS_IOC_SETFLAGS, struct.pack("<I", bits))
        os.close(fd)


def encrypted(root):
    """A directory under an fscrypt v2 policy (AES-256-XTS and AES-256-CTS)."""
    key = bytes(range(64))
    spec = struct.pack("<II32s", 2, 0, b"")
    arg = bytearray(spec + struct.pack("<II32x", len(key), 0) + key)
    fd = os.open(root, os.O_RDONLY)
    fcntl.ioctl(fd, FS_IOC_ADD_KEY, arg, True)
    os.close(fd)
    os.mkdir("secret")
    fd = os.open("secret", os.O_RDONLY)
    fcntl.ioctl(fd, FS_IOC_SET_POLICY_V2, struct.pack("<BBBBB3x16s", 2, 1, 4, 0, 0, arg[8:24]))
    os.close(fd)
    os.mkdir("secret/sub")
    write("secret/plain name", b"contents that must never show\n" * 500)
    write("secret/sub/empty", b"")
    write("secret/sub/" + "long" * 20, b"x")
    os.symlink("plain name", "secret/link")
    os.mkfifo("secret/pipe")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=1000)
    parser.add_argument("--deep", type=int, default=3000)
    parser.add_argument("--encrypted", action="store_true")
    parser.add_argument("dir")
    options = parser.parse_args()
    root = os.path.abspath(options.dir)
    os.mkdir(root + "/special")
    os.chdir(root + "/special")
    sizes()
    holes(options.deep)
    links()
    nodes()
    attributes()
    owners_and_times()
    names(options.entries)
    if options.encrypted:
        encrypted(root)
    flags()


main()

#!/usr/bin/env python3
"""Writes down a mounted tree: one JSON object a line for each entry, sorted by the bytes of its path.

usage: manifest.py [--no-meta] [--streams] DIR > NAME.truth

Always: "path" (hexadecimal of the bytes from the root, with a leading "/"; the root itself is "/"),
"type" (f d l c b p s as find prints it), for files "size" and "sha256", for symbolic links "link"
(hexadecimal). Unless --no-meta: "mode" (the 12 permission bits), "uid", "gid", "nlink", "size" of
every entry, "mtime", "ctime", "btime" and, where the mount does not change it, "atime" (each
[seconds, nanoseconds]), "rdev" ([major, minor]), "xattrs" (name: hexadecimal of the value) and
"attributes" (immutable, append-only, encrypted, verity, as statx(2) tells them).
With --streams: "streams" (hexadecimal of the name: [size, sha256]), from the attribute
ntfs.streams.list of ntfs-3g with streams_interface=windows.

A field that is absent is not compared.
"""
import argparse
import ctypes
import errno
import hashlib
import json
import os
import stat
import struct
import sys

STATX = ctypes.CDLL(None, use_errno=True).statx
AT_FDCWD, AT_SYMLINK_NOFOLLOW, STATX_BASIC_AND_BTIME = -100, 0x100, 0xFFF
ATTRIBUTES = {0x10: "immutable", 0x20: "append-only", 0x800: "encrypted", 0x100000: "verity"}
TYPES = (
    (stat.S_ISREG, "f"),
    (stat.S_ISDIR, "d"),
    (stat.S_ISLNK, "l"),
    (stat.S_ISCHR, "c"),
    (stat.S_ISBLK, "b"),
    (stat.S_ISFIFO, "p"),
    (stat.S_ISSOCK, "s"),
)


def digest(path):
    """Size and digest; None for contents whose key is not there."""
    h = hashlib.sha256()
    size = 0
    try:
        f = open(path, "rb")
    except OSError as e:
        if e.errno == errno.ENOKEY:
            return None
        raise
    with f:
        while block := f.read(1 << 20):
            h.update(block)
            size += len(block)
    return size, h.hexdigest()


def split(nanoseconds):
    return [nanoseconds // 10**9, nanoseconds % 10**9]


def extended(path):
    """Birth time and attributes, which os.lstat does not give."""
    buf = ctypes.create_string_buffer(256)
    if STATX(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_AND_BTIME, buf) != 0:
        raise OSError(ctypes.get_errno(), "statx", path)
    mask, attributes = struct.unpack_from("<I", buf, 0)[0], struct.unpack_from("<Q", buf, 8)[0]
    known = struct.unpack_from("<Q", buf, 0x38)[0]
    born = list(struct.unpack_from("<qI", buf, 0x50)) if mask & 0x800 else None
    names = [name for bit, name in ATTRIBUTES.items() if known & bit and attributes & bit]
    return born, names


def xattrs(path):
    try:
        names = os.listxattr(path, follow_symlinks=False)
    except OSError as e:
        if e.errno in (errno.ENOTSUP, errno.EPERM):
            return {}
        raise
    return {n: os.getxattr(path, n, follow_symlinks=False).hex() for n in sorted(names)}


def streams(path):
    try:
        names = os.getxattr(path, "ntfs.streams.list", follow_symlinks=False)
    except OSError:
        return {}
    return {n.hex(): list(digest(path + b":" + n)) for n in names.split(b"\0") if n}


def describe(root, path, seen, options):
    s = os.lstat(path)
    kind = next(letter for test, letter in TYPES if test(s.st_mode))
    entry = {"path": (path[len(root):] or b"/").hex(), "type": kind}
    if kind == "f":
        key = (s.st_dev, s.st_ino)
        # A file system without stable numbers (FUSE) may give two files one: only links are shared.
        if s.st_nlink < 2 or key not in seen:
            seen[key] = digest(path)
        entry["size"] = s.st_size
        if seen[key]:
            entry["sha256"] = seen[key][1]
    if kind == "l":
        entry["link"] = os.readlink(path).hex()
    if options.streams and kind in "fd":
        entry["streams"] = streams(path)
    if options.no_meta:
        return entry
    born, attributes = extended(path)
    entry.update(
        size=s.st_size, mode=stat.S_IMODE(s.st_mode), uid=s.st_uid, gid=s.st_gid,
        nlink=s.st_nlink, mtime=split(s.st_mtime_ns), ctime=split(s.st_ctime_ns),
        xattrs=xattrs(path), attributes=attributes,
    )
    if born:
        entry["btime"] = born
    if os.statvfs(path if kind == "d" else os.path.dirname(path)).f_flag & (os.ST_RDONLY | os.ST_NOATIME):
        entry["atime"] = split(s.st_atime_ns)
    if kind in "cb":
        entry["rdev"] = [os.major(s.st_rdev), os.minor(s.st_rdev)]
    return entry


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--no-meta", action="store_true")
    parser.add_argument("--streams", action="store_true")
    parser.add_argument("dir")
    options = parser.parse_args()
    root = os.fsencode(options.dir).rstrip(b"/")
    paths = [root]

    def failed(e):
        raise e

    for folder, dirs, files in os.walk(root, onerror=failed):
        paths += [os.path.join(folder, name) for name in dirs + files]
    seen = {}
    for path in sorted(paths):
        json.dump(describe(root, path, seen, options), sys.stdout, separators=(",", ":"))
        sys.stdout.write("\n")


main()

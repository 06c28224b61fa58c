#!/usr/bin/env python3
"""Fills a mounted NTFS volume by profile, the same bytes every time.

usage: ntfs_tree.py PROFILE DIR

Prints, as lines for the truth, what ntfs-3g would tell otherwise: {"own": true, "path": …}.
"""
import ctypes
import hashlib
import json
import os
import random
import struct
import sys

PROFILE, ROOT = sys.argv[1], sys.argv[2]
rng = random.Random(PROFILE)
SIZES = (0, 1, 500, 640, 680, 700, 720, 1023, 1024, 1025, 4095, 4096, 4097, 65535, 65536, 65537,
         1048577)


def put(name, data):
    path = os.path.join(ROOT, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
    return path


def own(name, **fields):
    print(json.dumps({"own": True, "path": ("/" + name).encode().hex(), **fields}))


def words(size):
    """Text that compresses as prose does."""
    stock = [bytes(rng.choices(b"etaoinshrdlu", k=rng.randint(2, 9))) for _ in range(400)]
    out = bytearray()
    while len(out) < size:
        out += rng.choice(stock) + (b"\n" if rng.random() < 0.1 else b" ")
    return bytes(out[:size])


def program(size):
    """Bytes as of x86 code: calls (the opcode that LZX rewrites), tables, zeros."""
    out = bytearray()
    while len(out) < size:
        pick = rng.random()
        if pick < 0.4:
            out += b"\xe8" + struct.pack("<i", rng.randint(-len(out) - 9, 40000))
        elif pick < 0.7:
            out += bytes(rng.choices(b"\x48\x89\x8b\x0f\x85\xc0\x74\x55\xc3", k=6))
        elif pick < 0.9:
            out += rng.randbytes(rng.randint(1, 8))
        else:
            out += bytes(rng.randint(1, 40))
    return bytes(out[:size])


def plain():
    for size in SIZES:
        put(f"sizes/size_{size}", rng.randbytes(size))
    put("sizes/ten", rng.randbytes(10 << 20))
    for name, size, at in (("empty", 50 << 20, None), ("middle", 64 << 20, 32 << 20), ("start", 9 << 20, 0)):
        path = put(f"sparse/{name}", b"")
        with open(path, "r+b") as f:
            f.truncate(size)
            if at is not None:
                f.seek(at)
                f.write(rng.randbytes(1000))
    for name in ("üñí→名前.txt", "emoji😀.dat", "name with space", "n" * 255, "UPPER", "MiXeD"):
        put("names/" + name, name.encode())
    deep = "names/" + "/".join(["deep"] * 50)
    put(deep + "/file", b"deep")


def tree():
    for folder in range(40):
        for file in range(25):
            put(f"tree/folder{folder}/sub{file % 3}/file{file}.txt", words(rng.randint(0, 6000)))


def compressed():
    folder = os.path.join(ROOT, "compressed")
    os.mkdir(folder)
    # FILE_ATTRIBUTE_DIRECTORY and _COMPRESSED: what is made inside is compressed.
    os.setxattr(folder, "system.ntfs_attrib_be", struct.pack(">I", 0x810))
    for size in (0, 10, 700, 4096, 65535, 65536, 65537, 200000, 1048576):
        put(f"compressed/zero_{size}", bytes(size))
        put(f"compressed/random_{size}", rng.randbytes(size))
        put(f"compressed/words_{size}", words(size))
    put("compressed/mixed", rng.randbytes(300000) + words(300000) + bytes(300000) + rng.randbytes(70000))
    put("compressed/program", program(3 << 20))
    path = put("compressed/sparse", words(100000))
    with open(path, "r+b") as f:
        f.truncate(5 << 20)
        f.seek(0, 2)
        f.write(b"tail")


def streams():
    for i in range(3):
        path = put(f"streams/file{i}", b"main")
        put(f"streams/file{i}:stream{i}", b"contents of the stream %d" % i)
    put("streams/Zone", b"main")
    put("streams/Zone:Zone.Identifier", b"[ZoneTransfer]\r\nZoneId=3\r\n" * 2000)
    put("streams/many", b"main")
    for i in range(60):
        put(f"streams/many:stream number {i}", b"v" * 100 + b"%d" % i)
    os.mkdir(os.path.join(ROOT, "streams/folder"))
    put("streams/folder:of a folder", b"a stream of a folder")


def links(count=120):
    first = put("links/first", b"hard links")
    for i in range(count):
        os.link(first, os.path.join(ROOT, f"links/hard link with a long name, number {i}"))
    # Short names: by them the files must be found, but not listed.
    for i in range(3):
        path = put(f"links/A long file name {i}.text", b"short %d" % i)
        os.setxattr(path, "system.ntfs_dos_name", b"ALONGF~%d.TEX" % i)
        # ntfs-3g counts the short name; a file has as many names as are listed.
        own(f"links/A long file name {i}.text", nlink=1)

    def reparse(path, tag, data):
        os.setxattr(path, "system.ntfs_reparse_data", struct.pack("<IHH", tag, len(data), 0) + data)

    def names(substitute, show, flags=b""):
        s, p = substitute.encode("utf-16-le"), show.encode("utf-16-le")
        return struct.pack("<HHHH", 0, len(s), len(s) + 2, len(p)) + flags + s + b"\0\0" + p + b"\0\0"

    for name, target, flags in (("relative", "..\\sizes\\size_1", 1), ("absolute", "\\??\\C:\\Windows", 0),
                                ("名前 link", "名前", 1)):
        path = put(f"links/{name}", b"")
        reparse(path, 0xA000000C, names(target, "shown only", struct.pack("<I", flags)))
        own(f"links/{name}", type="l", link=target.encode().hex(), size=len(target.encode()), sha256=None)
    path = os.path.join(ROOT, "links/junction")
    os.mkdir(path)
    reparse(path, 0xA0000003, names("\\??\\C:\\Users\\", "C:\\Users\\"))
    own("links/junction", type="l", link=b"\\??\\C:\\Users\\".hex(), size=None, nlink=None)
    path = put("links/wsl", b"")
    reparse(path, 0xA000001D, struct.pack("<I", 2) + "../ziel ä".encode())
    own("links/wsl", type="l", link="../ziel ä".encode().hex(), size=10, sha256=None)


def index():
    for i in range(6000):
        put(f"index/entry of the index number {i:06}.txt", b"%d" % i if i % 5 == 0 else b"")
    for i in range(0, 6000, 7):
        os.unlink(os.path.join(ROOT, f"index/entry of the index number {i:06}.txt"))


def fill(folder):
    """Fills the volume with files of one cluster and removes every other one."""
    n = 0
    block = rng.randbytes(4096)
    try:
        while True:
            put(f"{folder}/f{n:06}", block)
            n += 1
    except OSError:
        pass
    for i in range(0, n, 2):
        try:
            os.unlink(os.path.join(ROOT, f"{folder}/f{i:06}"))
        except FileNotFoundError:
            pass
    return n


def fragments():
    """Free space in single clusters; then a directory whose index must grow in them."""
    fill("filler")
    for i in range(5000):
        put(f"split/a name that takes a good deal of room in the index {i:06}", b"")


def packed():
    """A compressed file whose run list, two runs a unit, fills several records."""
    os.mkdir(os.path.join(ROOT, "packed"))
    os.setxattr(os.path.join(ROOT, "packed"), "system.ntfs_attrib_be", struct.pack(">I", 0x810))
    block = words(190_000)
    put("packed/long", b"".join(block + rng.randbytes(9000) for _ in range(100)))


def holes():
    fill("filler")


def fragmented():
    """Files in single clusters: their run lists fill several records."""
    put("fragmented", rng.randbytes(8_000_000))
    put("streamed", b"main")
    put("streamed:fragmented", rng.randbytes(2_000_000))
    # The table itself grows into the holes as well.
    for i in range(3000):
        put(f"late/file {i}", b"%d" % i)


class Compressor:
    """A compressor of libwim: kind 1 is XPRESS, 2 is LZX."""

    lib = None

    def __init__(self, kind, chunk):
        if not Compressor.lib:
            lib = ctypes.CDLL("libwim.so.15")
            lib.wimlib_create_compressor.argtypes = [
                ctypes.c_int, ctypes.c_size_t, ctypes.c_uint, ctypes.POINTER(ctypes.c_void_p)]
            lib.wimlib_compress.argtypes = [
                ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
            lib.wimlib_compress.restype = ctypes.c_size_t
            Compressor.lib = lib
        self.handle = ctypes.c_void_p()
        made = self.lib.wimlib_create_compressor(kind, chunk, 50, ctypes.byref(self.handle))
        assert made == 0, made

    def __call__(self, plain):
        """The compressed bytes, or none where they would not be fewer."""
        room = ctypes.create_string_buffer(len(plain))
        size = self.lib.wimlib_compress(plain, len(plain), room, len(plain) - 1, self.handle)
        return room.raw[:size]


def wof_files(contents):
    # Number of the algorithm: name, kind, bytes of a chunk.
    algorithms = {0: ("xpress4k", 1, 4096), 1: ("lzx", 2, 32768), 2: ("xpress8k", 1, 8192),
                  3: ("xpress16k", 1, 16384)}
    for number, (label, kind, chunk) in algorithms.items():
        compress = Compressor(kind, chunk)
        for name, data in contents.items():
            plain = [data[at:at + chunk] for at in range(0, len(data), chunk)]
            chunks = [compress(p) or p for p in plain]
            table, at = b"", 0
            for packed in chunks[:-1]:
                at += len(packed)
                table += struct.pack("<I", at)
            path = put(f"wof/{name}.{label}", b"")
            with open(path, "r+b") as f:
                f.truncate(len(data))
            put(f"wof/{name}.{label}:WofCompressedData", table + b"".join(chunks))
            put(f"wof/{name}.{label}:beside", b"an ordinary stream")
            os.setxattr(path, "system.ntfs_reparse_data",
                        struct.pack("<IHHIIII", 0x80000017, 16, 0, 1, 2, 1, number))
            beside = {b"beside".hex(): [18, hashlib.sha256(b"an ordinary stream").hexdigest()]}
            own(f"wof/{name}.{label}", type="f", size=len(data), sha256=hashlib.sha256(data).hexdigest(),
                link=None, streams=beside)


def wof():
    """Files as the Windows Overlay Filter stores them."""
    wof_files({
        "program": program(2_500_001), "words": words(800_000), "random": rng.randbytes(100_000),
        "small": b"hello world " * 20, "byte": b"x", "zeros": bytes(500_000),
        "chunks": words(32768 * 2), "mixed": words(50_000) + rng.randbytes(50_000) + program(50_000),
        "empty": b"",
    })


def vectors():
    """ROOT/vectors.bin: compressed chunks with the digests of their plain bytes."""
    out = b""
    for kind, sizes in ((1, (26, 4096, 16384)), (2, (26, 5000, 32768))):
        for size in sizes:
            for plain in (words(size), program(size), (words(300) + bytes(500)) * 60):
                plain = plain[:size]
                packed = Compressor(kind, sizes[-1])(plain)
                if packed:
                    out += struct.pack("<HII", kind, len(packed), len(plain))
                    out += hashlib.sha256(plain).digest() + packed
    put("vectors.bin", out)


def tiny():
    """A little of everything, for the unit tests."""
    put("plain", b"resident")
    put("clusters", words(1000) * 5)
    with open(put("sparse", b""), "r+b") as f:
        f.truncate(1 << 20)
        f.seek(600_000)
        f.write(b"behind a hole")
    os.mkdir(os.path.join(ROOT, "compressed"))
    os.setxattr(os.path.join(ROOT, "compressed"), "system.ntfs_attrib_be", struct.pack(">I", 0x810))
    put("compressed/words", words(250) * 600)
    put("compressed/mixed", rng.randbytes(1500) + bytes(70_000) + words(1000) * 5)
    for i in range(80):
        put(f"index/Entry of the index number {i:03}", b"")
    wof_files({"words": words(1500) * 6, "program": (words(250) * 4 + program(100)) * 34})
    initialised(6000, (1, 5000))
    for i in range(40):
        put(f"plain:stream number {i}", b"s" * 30 + b"%d" % i)
    links(10)


def initialised(size, sizes):
    for kept in sizes:
        data = words(size)
        put(f"initialised to {kept}", data)
        seen = data[:kept] + bytes(len(data) - kept)
        own(f"initialised to {kept}", sha256=hashlib.sha256(seen).hexdigest())


def validsize():
    """ntfs_patch.py cuts the initialised size of these files."""
    initialised(1_000_003, (1, 4096, 100_000, 100_001))


def dirty():
    """Nothing: ntfs_patch.py sets the flag."""


globals()[PROFILE]()

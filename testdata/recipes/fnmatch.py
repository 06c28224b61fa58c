#!/usr/bin/env python3
"""What fnmatch(3) of glibc says of random pairs of a pattern and a text, in the C locale.

    fnmatch.py FOLDER     writes FOLDER/NAME.bits.xz for each run below

Patterns and texts come from SplitMix64, which the test (crates/imgscan-core/src/glob/tests.rs) repeats,
so that a file holds one bit for each pair: the first pair is the lowest bit of the first byte.
"""
import ctypes, lzma, os, sys

libc = ctypes.CDLL("libc.so.6")
libc.gnu_get_libc_version.restype = ctypes.c_char_p
fnmatch = libc.fnmatch
NOESCAPE, PATHNAME, PERIOD, CASEFOLD = 2, 1, 4, 16

PLAIN = [c.encode() for c in "ab*?[]!-^.c\\"]
RICH = PLAIN + [c.encode() for c in "AB1/_"] + [
    b"[[:digit:]]", b"[[:alpha:]_]", b"[![:alnum:]]", b"[[:upper:]b]", b"[[:space:]-]", b"[a-c]", b"[:alpha:]", b"[[:punct:]]",
    b"[:", b":]", b"[.", b"[=", b"*", b"*", b"?"]
TEXT = [c.encode() for c in "ab.c[-!]^\\"]
RICHTEXT = TEXT + [c.encode() for c in "aabbAB1/./_ :"]
# name, flags, pairs, parts of patterns, parts of texts
RUNS = [
    ("plain", 0, 400_000, PLAIN, TEXT),
    ("classes", 0, 200_000, RICH, RICHTEXT),
    ("noescape", NOESCAPE, 100_000, RICH, RICHTEXT),
    ("casefold", CASEFOLD, 100_000, RICH, RICHTEXT),
    ("path", PATHNAME | PERIOD, 200_000, RICH, RICHTEXT),
    ("period", PERIOD, 100_000, RICH, RICHTEXT),
]


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state + 0x9E3779B97F4A7C15) & (2**64 - 1)
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
        return ((z ^ (z >> 31)) >> 32) % n


def pairs(seed, count, patterns, texts):
    random = SplitMix64(seed)
    for _ in range(count):
        pattern = b"".join(patterns[random.below(len(patterns))] for _ in range(1 + random.below(7)))
        text = b"".join(texts[random.below(len(texts))] for _ in range(random.below(5)))
        yield pattern, text


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    for seed, (name, flags, count, patterns, texts) in enumerate(RUNS):
        bits = bytearray((count + 7) // 8)
        fits = 0
        for i, (pattern, text) in enumerate(pairs(seed, count, patterns, texts)):
            if fnmatch(pattern, text, flags) == 0:
                bits[i // 8] |= 1 << (i % 8)
                fits += 1
        packed = lzma.compress(bytes(bits), check=lzma.CHECK_CRC32, preset=9)
        open(f"{folder}/{name}.bits.xz", "wb").write(packed)
        print(f"{name}: {count} pairs, {fits} fit, {len(packed)} bytes, glibc {libc.gnu_get_libc_version().decode()}")


if __name__ == "__main__":
    main()

#!/bin/bash
# Makes the small ext volumes of testdata/ext with the truth that the kernel gives, both packed
# with zstd. They stand in the repository, so that a plain `cargo test` has something real.
#
# usage: ext-fixtures.sh DIR    Needs root for loop mounts.
#
# small.img: ext4 with blocks of 1 KiB, checksums, inline data and hashed directories.
# dirty.img: ext4 without checksums, whose last changes stand only in the journal.
# checked.img: ext4 whose journal has checksums, and three transactions to be replayed.
# indirect.img: ext2 with block maps to the third level.
set -eu
here=$(dirname "$(readlink -f "$0")")
out=$(mkdir -p "$1" && readlink -f "$1")
mnt=$(mktemp -d)
trap 'umount -q "$mnt" || true; rmdir "$mnt"; rm -f "$out"/*.live "$out"/*.img' EXIT

make() { # NAME SIZE "MKE2FS OPTIONS" ",MOUNT OPTIONS"
  rm -f "$out/$1.live"
  truncate -s "$2" "$out/$1.live"
  # shellcheck disable=SC2086
  mke2fs -q -F -E lazy_itable_init=0,lazy_journal_init=0 $3 "$out/$1.live"
  mount -o "loop${4:-}" "$out/$1.live" "$mnt"
}

truth() { # NAME, of NAME.live; then both are packed
  mount -o loop,ro,noatime "$out/$1.live" "$mnt"
  "$here/manifest.py" "$mnt" | zstd -q -19 -f -o "$out/$1.truth.zst"
  umount "$mnt"
  zstd -q -19 -f "$out/$1.img" -o "$out/$1.img.zst"
}

make small 4M "-t ext4 -b 1024 -I 256 -N 640 -O metadata_csum,inline_data,^resize_inode,^has_journal"
python3 - "$mnt" <<'PY'
import os, sys
os.chdir(sys.argv[1])
os.mkdir("hashed")
for i in range(400):
    open(f"hashed/a_name_long_enough_to_fill_some_blocks_{i}", "w").write(str(i) if i % 50 == 0 else "")
open("inline", "w").write("inline " * 12)
open("blocks", "w").write("blocks " * 2000)
with open("holes", "wb") as f:
    for at in (0, 5000, 70000, 300000):
        f.seek(at)
        f.write(b"data")
    f.truncate(400000)
os.symlink("t" * 59, "short_link")
os.symlink("t/" * 100, "long_link")
os.link("blocks", "blocks_again")
os.mknod("null", 0o600 | 0o020000, os.makedev(1, 3))
os.setxattr("blocks", "user.note", b"kept")
os.setxattr("blocks", "trusted.long", b"x" * 700)
os.setxattr("inline", "system.posix_acl_access", bytes.fromhex(
    "0200000001000600ffffffff02000700e803000004000400ffffffff10000700ffffffff20000400ffffffff"))
os.chown("blocks", 70000, 80000)
os.chmod("blocks", 0o4750)
os.utime("inline", ns=(5 * 10**9 + 1, 2**33 * 10**9 + 999999999))
open(b"bad\xff name", "w").close()
PY
umount "$mnt"
cp "$out/small.live" "$out/small.img"
truth small

make dirty 3M "-t ext4 -b 1024 -I 128 -N 64 -O ^metadata_csum,^64bit,^resize_inode -J size=1" ",commit=600"
python3 - "$mnt" <<'PY'
import os, sys
os.chdir(sys.argv[1])
os.mkdir("gone")
open("old", "w").write("old")
for i in range(20):
    open(f"gone/{i}", "w").write("x" * 3000)
os.sync()
os.mkdir("new")
open("new/file", "w").write("new " * 1000)
os.unlink("old")
for i in range(20):
    os.unlink(f"gone/{i}")
os.rmdir("gone")
fd = os.open("new/file", os.O_RDONLY)
os.fsync(fd)
open("new/second", "w").write("second " * 900)
fd = os.open("new/second", os.O_RDONLY)
os.fsync(fd)
PY
cp "$out/dirty.live" "$out/dirty.img"
umount "$mnt"
cp "$out/dirty.img" "$out/dirty.live"
# The kernel replays the copy.
mount -o loop,noatime "$out/dirty.live" "$mnt"
umount "$mnt"
truth dirty

make checked 6M "-t ext4 -b 1024 -N 64 -O metadata_csum" ",commit=600"
for name in a b c; do
  echo "$name" > "$mnt/$name"
  sync -f "$mnt"
done
cp "$out/checked.live" "$out/checked.img"
umount "$mnt"
cp "$out/checked.img" "$out/checked.live"
mount -o loop,noatime "$out/checked.live" "$mnt"
umount "$mnt"
truth checked

# Two groups: the second begins with the backup superblock.
make indirect 10M "-t ext2 -b 1024 -I 128 -N 32 -O ^resize_inode"
python3 - "$mnt" <<'PY'
import os, sys
os.chdir(sys.argv[1])
with open("deep", "wb") as f:
    for at in (0, 11 << 10, 12 << 10, 267 << 10, 268 << 10, 70 << 20):
        f.seek(at)
        f.write(b"at %d" % at)
os.mkfifo("pipe")
os.symlink("deep", "link")
PY
umount "$mnt"
cp "$out/indirect.live" "$out/indirect.img"
truth indirect
ls -l "$out"

#!/bin/bash
# Makes ext2, ext3 and ext4 images of every kind that mke2fs and the kernel write, each with the
# truth that the kernel's own mount (or, where the kernel can't mount it, the source tree) gives.
#
# usage: ext-matrix.sh DIR [NAME...]    without names: all. Needs root for loop mounts.
set -eu
here=$(dirname "$(readlink -f "$0")")
out=$(mkdir -p "$1" && readlink -f "$1")
shift
wanted=" $* "
mnt=$(mktemp -d)
trap 'umount -q "$mnt" || true; rmdir "$mnt"; rm -f "$out"/*.live' EXIT

selected() { [ "$wanted" = "  " ] || [[ $wanted == *" $1 "* ]]; }

# Files of a real system beside the made ones.
copied() { mkdir "$1/tree"; cp -a /etc /usr/include/linux "$1/tree/" 2>/dev/null || true; }

# truth IMAGE TRUTH [manifest options]: what a read-only mount shows.
truth() {
  mount -o loop,ro,noatime "$1" "$mnt"
  "$here/manifest.py" "${@:3}" "$mnt" >"$2"
  umount "$mnt"
}

# image NAME SIZE "MKE2FS OPTIONS" [ext-tree.py options]
image() {
  local name=$1 size=$2 opts=$3
  selected "$name" || return 0
  shift 3
  rm -f "$out/$name.img" "$out/$name.truth"
  truncate -s "$size" "$out/$name.live"
  # shellcheck disable=SC2086
  mke2fs -q -F $opts "$out/$name.live"
  mount -o loop "$out/$name.live" "$mnt"
  copied "$mnt"
  "$here/ext-tree.py" "$@" "$mnt"
  umount "$mnt"
  # A changed UUID shows whether the seed of the checksums is taken from the superblock.
  [ "$name" != e4_seed ] || tune2fs -U random "$out/$name.live" >/dev/null
  # A kernel without quota support mounts the finished file system read-only.
  [ "$name" != e4_quota ] || tune2fs -O quota,project "$out/$name.live" >/dev/null
  truth "$out/$name.live" "$out/$name.truth"
  [ "$name" != e4_encrypt ] || { "$here/ext-nokey.py" <"$out/$name.truth" >"$out/$name.live.truth"; mv "$out/$name.live.truth" "$out/$name.truth"; }
  mv "$out/$name.live" "$out/$name.img"
  echo "$name: $(wc -l <"$out/$name.truth") entries"
}

# from_tree NAME SIZE "MKE2FS OPTIONS" [debugfs command file]: an image that this kernel may not be able to
# mount, filled by mke2fs -d. The truth is the source tree without what mke2fs does not copy.
from_tree() {
  local name=$1 size=$2 opts=$3
  selected "$name" || return 0
  truncate -s 512M "$out/$name.live"
  mke2fs -q -F -t ext4 "$out/$name.live"
  mount -o loop "$out/$name.live" "$mnt"
  copied "$mnt"
  "$here/ext-tree.py" --entries 3000 --deep 64 "$mnt"
  # mke2fs -d spends the room for attributes less well than the kernel.
  setfattr -x user.huge2 "$mnt/special/x_big"
  for i in {20..39}; do setfattr -x "user.number_$i" "$mnt/special/x_many"; done
  rm -f "$out/$name.img"
  truncate -s "$size" "$out/$name.img"
  # shellcheck disable=SC2086
  mke2fs -q -F $opts -d "$mnt" "$out/$name.img"
  if [ -n "${4:-}" ]; then debugfs -w -f - "$out/$name.img" <<<"$4" >/dev/null 2>&1; fi
  if [ "${5:-}" = index ]; then e2fsck -fyD "$out/$name.img" >/dev/null 2>&1 || true; fi
  "$here/manifest.py" "$mnt" | "$here/ext-copied.py" >"$out/$name.truth"
  umount "$mnt"
  rm -rf "$out/$name.live"
  echo "$name: $(wc -l <"$out/$name.truth") entries (source tree)"
}

# dirty NAME "MKE2FS OPTIONS" "MOUNT OPTIONS": changed while mounted and copied before the journal
# was written back.
dirty() {
  local name=$1 opts=$2 mount_opts=$3
  selected "$name" || return 0
  rm -f "$out/$name.img" "$out/$name.live"
  truncate -s 192M "$out/$name.live"
  # shellcheck disable=SC2086
  mke2fs -q -F -E lazy_itable_init=0,lazy_journal_init=0 $opts "$out/$name.live"
  mount -o "loop,commit=600,$mount_opts" "$out/$name.live" "$mnt"
  "$here/ext-dirty.py" "$mnt"
  cp --sparse=always "$out/$name.live" "$out/$name.img"
  umount "$mnt"
  dumpe2fs -h "$out/$name.img" 2>/dev/null | grep -q needs_recovery || { echo "$name: clean"; exit 1; }
  cp --sparse=always "$out/$name.img" "$out/$name.live"
  # The kernel replays the copy.
  mount -o loop,noatime "$out/$name.live" "$mnt"
  umount "$mnt"
  truth "$out/$name.live" "$out/$name.truth"
  rm "$out/$name.live"
  # Replaying a fast commit, the kernel sets a directory's times to the moment of the replay.
  if [ "$name" = e4_dirty_fast ]; then
    sed -i -E '/"type":"d"/s/"[mc]time":\[[^]]*\],//g' "$out/$name.truth"
  fi
  echo "$name: $(wc -l <"$out/$name.truth") entries, dirty"
}

image e4_def 512M "-t ext4"
image e4_1k 512M "-t ext4 -b 1024" --deep 60000
image e4_2k 512M "-t ext4 -b 2048"
image e4_inline 512M "-t ext4 -O inline_data -I 256"
image e4_inline1k 512M "-t ext4 -b 1024 -O inline_data -I 512"
image e4_bigalloc 512M "-t ext4 -O bigalloc -C 65536"
image e4_seed 512M "-t ext4 -O metadata_csum_seed,64bit"
image e4_no64 512M "-t ext4 -O ^64bit,^metadata_csum"
image e4_largedir 768M "-t ext4 -O large_dir -b 1024 -N 80000" --entries 50000
image e4_h50k 512M "-t ext4 -N 80000" --entries 50000
image e4_orphan 512M "-t ext4 -O orphan_file"
image e4_eainode 512M "-t ext4 -O ea_inode"
image e4_quota 512M "-t ext4"
image e4_metabg 512M "-t ext4 -O ^flex_bg,^resize_inode,meta_bg"
image e4_128 512M "-t ext4 -I 128"
image e4_i1024 512M "-t ext4 -I 1024"
image e4_mmp 512M "-t ext4 -O sparse_super2,mmp"
image e4_uninit 512M "-t ext4 -O uninit_bg,^metadata_csum,^flex_bg"
image e4_nojnl 512M "-t ext4 -O ^has_journal"
image e4_encrypt 512M "-t ext4 -O encrypt,stable_inodes" --encrypted
image e2 512M "-t ext2"
image e2_1k 512M "-t ext2 -b 1024"
image e2_rev0 512M "-t ext2 -r 0"
image e3 512M "-t ext3"
from_tree e4_8k 256M "-t ext4 -b 8192"
from_tree e4_64k 512M "-t ext4 -b 65536"
from_tree e4_casefold 256M "-t ext4 -O casefold -E encoding=utf8" \
  "set_inode_field /special/hd flags 0x40000000
set_inode_field /special/x_dir flags 0x40000000" index
dirty e4_dirty "-t ext4 -b 4096 -J size=16" ""
dirty e4_dirty_1k "-t ext4 -b 1024 -O ^metadata_csum,^64bit -J size=16" ""
dirty e4_dirty_data "-t ext4 -b 4096 -O ^metadata_csum -J size=16" "data=journal"
dirty e4_dirty_async "-t ext4 -b 4096 -O ^metadata_csum -J size=16" \
  "data=writeback,journal_async_commit,journal_checksum"
dirty e4_dirty_fast "-t ext4 -b 4096 -O fast_commit -J size=16" ""
dirty e3_dirty "-t ext3 -b 4096 -J size=16" ""

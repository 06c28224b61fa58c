#!/bin/bash
# Measures imgscan against other tools on the same images. See README.md beside this file.
#
#   benches/run.sh [-n RUNS] [--cold] [--out FOLDER] [JOB...]
#
# Needs root (loop mounts, building the disks), and Debian's mmdebstrap e2fsprogs dosfstools mtools
# gdisk qemu-utils ntfs-3g sleuthkit openssl python3 gcc libhivex0 python3-hivex python3-pycryptodome. The images are built once, in FOLDER (default
# target/bench, about 16 GB), and used again.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
out=$PWD/target/bench args=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --out) out=$2; shift ;;
    *) args+=("$1") ;;
  esac
  shift
done
[[ $(id -u) = 0 ]] || { echo "benches/run.sh: needs root" >&2; exit 2; }
for tool in mmdebstrap mke2fs debugfs mkfs.fat mcopy sgdisk qemu-img ntfs-3g mkntfs fls openssl python3 gcc; do
  command -v $tool > /dev/null || { echo "benches/run.sh: $tool is missing" >&2; exit 2; }
done
mkdir -p "$out"

# `info`, `scan` and `kernel` alone are judged on the small disk.
case "${args[*]-}" in info|scan|kernel|"info scan"|"scan info"|hive|Windows|"hive Windows") big=no ;; *) big=yes ;; esac

# Packages that bring the disk to about 3.8 GB and 64,000 files: compilers' trees, interpreters'
# modules, manuals; many small files and some of 100 MB.
packages=linux-image-amd64,libboost1.74-dev,golang-1.19-go,golang-1.19-src,llvm-14-dev,libclang-14-dev
packages+=,libstd-rust-dev,rustc,openjdk-17-jre-headless,perl-doc,python3-sympy,python3-scipy,gcc-12,g++-12
if [[ $big = yes && ! -f $out/big/complete ]]; then
  testdata/recipes/debian-disk.sh --raw-only --size 5632 --packages $packages "$out/big"
  (cd "$out/big"
   qemu-img convert -O qcow2 debian.raw debian.qcow2
   qemu-img convert -c -O qcow2 debian.raw debian-zlib.qcow2
   qemu-img convert -c -O qcow2 -o compression_type=zstd debian.raw debian-zstd.qcow2)
  touch "$out/big/complete"
fi
if [[ ! -f $out/small/complete ]]; then
  testdata/recipes/debian-disk.sh "$out/small"
  touch "$out/small/complete"
fi
[[ -f $out/windows.complete ]] || { benches/windows-disk.sh "$out/windows.raw"; touch "$out/windows.complete"; }
[[ -f $out/big.hive ]] || python3 benches/big-hive.py "$out/big.hive"
gcc -O2 -o "$out/hivex_walk" benches/hivex_walk.c -l:libhivex.so.0
[[ $big = no || -f $out/ntfs.complete ]] || { benches/ntfs-disk.sh "$out/ntfs.img"; touch "$out/ntfs.complete"; }
cargo build --release --quiet --package imgscan-cli
cargo build --release --quiet --package imgscan-core --example hive_walk
exec python3 benches/bench.py --images "$out" --imgscan target/release/imgscan "${args[@]}"

#!/bin/bash
# Makes testdata/ntfs: one tiny NTFS volume with its truth, and compressed chunks with their plain
# bytes for the unit tests of the decoders.
#
# usage: ntfs-fixtures.sh OUT        (needs root, ntfs-3g, libwim15, zstd, jq)
#
# tiny.img.zst   the volume (profile "tiny" of ntfs_tree.py, then ntfs_patch.py)
# tiny.truth     as manifest.py writes it
# vectors.bin    by libwim: for each vector the kind (1: XPRESS, 2: LZX; 16 bits), the lengths of the
#                compressed and of the plain bytes (32 bits each, all little-endian), the SHA-256 of
#                the plain bytes, the compressed bytes
set -euo pipefail
out=${1:?usage: ntfs-fixtures.sh OUT}
here=$(dirname "$(readlink -f "$0")")
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$here/ntfs-matrix.sh" "$work" tiny
zstd -q -f --ultra -22 "$work/tiny.img" -o "$out/tiny.img.zst"
cp "$work/tiny.truth" "$out/tiny.truth"
python3 "$here/ntfs_tree.py" vectors "$out"
ls -l "$out"

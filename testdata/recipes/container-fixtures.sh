#!/bin/bash
# usage: container-fixtures.sh OUT
# Makes the tiny qcow2 images of testdata/containers and OUT/TRUTH, which says what qemu-img reads
# from each: `NAME size sha256`, `NAME@SNAPSHOT size sha256`, or `NAME encrypted`.
#
# Images that qemu-img would not open, or that must be refused, are in no line of TRUTH.
# Needs qemu-img, qemu-io, python3, sha256sum. The *.qcow2 and *.raw files in OUT are replaced.
set -eu
export LC_ALL=C
out=${1:?usage: container-fixtures.sh OUT}
mkdir -p "$out"
cd "$out"
rm -f ./*.qcow2 ./*.raw TRUTH

# 19.5 KiB: text, noise, a hole, text; not a multiple of 1 KiB.
python3 - <<'PY'
import random
random.seed(7)
text = b"".join(b"line %d of the disk\n" % i for i in range(500))
data = text[:5000] + random.randbytes(3000) + bytes(6000) + text
open("base.raw", "wb").write(data[:19968])
PY

convert() { qemu-img convert -q -O qcow2 "$@"; }
create() { qemu-img create -q -f qcow2 "$@"; }
qio() {
    local image=$1 args=()
    shift
    for c in "$@"; do args+=(-c "$c"); done
    qemu-io -f qcow2 "${args[@]}" "$image" >/dev/null
}

convert -o compat=0.10,cluster_size=512 base.raw v2.qcow2
convert -o cluster_size=1k base.raw v3.qcow2
convert -c -o cluster_size=4k base.raw zlib.qcow2
convert -c -o compat=0.10,cluster_size=512 base.raw v2-zlib.qcow2
convert -c -o cluster_size=2k,compression_type=zstd base.raw zstd.qcow2
convert -o cluster_size=512 base.raw zero.qcow2
qio zero.qcow2 'write -z 1k 2k' 'write -z -u 4k 1k' 'discard 15k 2k'
# A chain: compressed base, an overlay with zeros over data, a longer one on top.
create -o cluster_size=1k -b zlib.qcow2 -F qcow2 middle.qcow2
qio middle.qcow2 'write -P 0x31 2k 700' 'write -z 15k 2k'
create -o cluster_size=512 -b middle.qcow2 -F qcow2 top.qcow2 30k
qio top.qcow2 'write -P 0x32 2300 300' 'write -P 0x33 28k 512'
# A raw base, of which the overlay sees only a part.
create -o compat=0.10,cluster_size=512 -b base.raw -F raw shorter.qcow2 10k
qio shorter.qcow2 'write -P 0x34 3k 100'
create -o extended_l2=on,cluster_size=16k -b base.raw -F raw extl2.qcow2
qio extl2.qcow2 'write -P 0x35 512 512' 'write -z 1k 1k' 'write -P 0x36 17k 700'
create -o cluster_size=512,data_file=data.raw data.qcow2 12k
qio data.qcow2 'write -P 0x37 1k 3k' 'write -z 2k 512'
convert -o cluster_size=512 base.raw snapshots.qcow2
qemu-img snapshot -c first snapshots.qcow2
qemu-img resize -q snapshots.qcow2 30k
qio snapshots.qcow2 'write -P 0x38 0 4k' 'write -P 0x39 29k 1k'
create --object secret,id=s,data=password -o encrypt.format=aes,encrypt.key-secret=s,cluster_size=512 aes.qcow2 4k

truth() { # NAME IMAGE
    qemu-img convert -q -f qcow2 -O raw "$2" seen.raw
    echo "$1 $(stat -c %s seen.raw) $(sha256sum <seen.raw | cut -d' ' -f1)" >>TRUTH
    rm seen.raw
}
for image in *.qcow2; do
    case $image in aes.qcow2) echo "$image encrypted" >>TRUTH ;; *) truth "$image" "$image" ;; esac
done
# `convert -l` keeps the current size; going back to a snapshot takes its own.
cp snapshots.qcow2 back.qcow2
qemu-img snapshot -q -a first back.qcow2
truth snapshots.qcow2@first back.qcow2
rm back.qcow2

# Must be refused: a name outside, one that leads up and out, a protocol, a cycle, a missing file.
create -u -o cluster_size=512 -b /etc/passwd -F raw denied-absolute.qcow2 4k
create -u -o cluster_size=512 -b ../../x -F raw denied-up.qcow2 4k
create -u -o cluster_size=512 -b json:'{"driver":"file","filename":"base.raw"}' -F raw denied-json.qcow2 4k
create -u -o cluster_size=512 -b loop-2.qcow2 -F qcow2 loop-1.qcow2 4k
create -u -o cluster_size=512 -b loop-1.qcow2 -F qcow2 loop-2.qcow2 4k
create -u -o cluster_size=512 -b missing.raw -F raw missing.qcow2 4k

#!/bin/bash
# usage: container-matrix.sh OUT
# Makes qcow2 images of every kind that qemu-img writes into OUT, and beside each NAME.qcow2 a
# NAME.truth: what `qemu-img convert` reads from it. Takes about a minute and 1.5 GB; no root.
#
#   disk size=BYTES sha256=HEX             the current state
#   snapshot NAME size=BYTES sha256=HEX    an internal snapshot
#   gap                                    encrypted: nothing of it may pass as data
#
# Needs qemu-img, qemu-io, python3, sha256sum. OUT is emptied first.
set -eu
export LC_ALL=C
out=${1:?usage: container-matrix.sh OUT}
mkdir -p "$out"
cd "$out"
rm -rf ./*.qcow2 ./*.truth ./*.raw parts
mkdir parts

# Text, noise and holes in pieces of 32 KiB, and a tail that is no multiple of any cluster but the
# smallest.
python3 - <<'PY'
import random
random.seed(20)
size = 64 * 1024 * 1024 + 1237 * 512
text = " ".join(f"{random.choice(['alpha', 'beta', 'gamma', 'delta'])}-{i}" for i in range(60000)).encode()
with open("base.raw", "wb") as f:
    f.truncate(size)
    at = 0
    while at < size:
        kind, n = random.randint(0, 4), min(random.randint(1, 40) * 32768, size - at)
        f.seek(at)
        if kind == 0:
            f.write(random.randbytes(n))
        elif kind < 3:
            start = random.randint(0, 1000)
            f.write((text[start:] * (n // len(text) + 2))[:n])
        at += n
    f.seek(size - 300)
    f.write(b"the end" * 42)
PY

convert() { qemu-img convert -q -O qcow2 "$@"; }
create() { qemu-img create -q -f qcow2 "$@"; }
# qio IMAGE COMMAND...: runs qemu-io commands, each of which must succeed
qio() {
    local image=$1 args=()
    shift
    for c in "$@"; do args+=(-c "$c"); done
    qemu-io -f qcow2 "${args[@]}" "$image" >parts/log 2>&1 || { cat parts/log; exit 1; }
    ! grep -qiE 'failed|error' parts/log || { cat parts/log; exit 1; }
}

# Versions, codecs, cluster sizes.
convert -o compat=0.10 base.raw v2.qcow2
convert -o compat=1.1 base.raw v3.qcow2
convert -c -o compat=0.10 base.raw v2-zlib.qcow2
convert -c base.raw v3-zlib.qcow2
convert -c -o compression_type=zstd base.raw v3-zstd.qcow2
for c in 512 4k 16k 256k 1M 2M; do convert -o cluster_size=$c base.raw cluster-$c.qcow2; done
for c in 512 4k 2M; do
    convert -c -o cluster_size=$c base.raw cluster-$c-zlib.qcow2
    convert -c -o cluster_size=$c,compression_type=zstd base.raw cluster-$c-zstd.qcow2
done
convert -m 8 -W -o cluster_size=4k base.raw out-of-order.qcow2
convert -o refcount_bits=1 base.raw refcount-1.qcow2
convert -o refcount_bits=64 base.raw refcount-64.qcow2
convert -o lazy_refcounts=on base.raw lazy.qcow2

# Extended L2 entries.
for c in 16k 128k; do convert -o extended_l2=on,cluster_size=$c base.raw extl2-$c.qcow2; done
convert -c -o extended_l2=on,cluster_size=128k base.raw extl2-zlib.qcow2
convert -c -o extended_l2=on,cluster_size=128k,compression_type=zstd base.raw extl2-zstd.qcow2
create -o extended_l2=on,cluster_size=128k -b base.raw -F raw extl2-overlay.qcow2
qio extl2-overlay.qcow2 'write -P 0x22 2M 4k' 'write -P 0x23 3000k 12k' 'write -z 4M 8k' \
    'write -z 6M 256k' 'write -P 0x24 6148k 4k' 'discard 7M 64k'

# Nothing in it, or nothing but room.
create empty.qcow2 1G
create -o preallocation=metadata prealloc-metadata.qcow2 100M
create -o preallocation=falloc prealloc-falloc.qcow2 20M
create -o preallocation=full prealloc-full.qcow2 20M
qio prealloc-metadata.qcow2 'write -P 0x31 5M 100k' 'write -P 0x32 99M 1M'

# Mixed clusters.
cp v3-zlib.qcow2 mixed.qcow2
qio mixed.qcow2 'write -P 0x41 1M 300k' 'write -z 5M 1M' 'discard 9M 64k' 'write -c -P 0x42 9M 64k' 'discard 20M 4M'
cp v3.qcow2 zero.qcow2
qio zero.qcow2 'write -z 3M 2M' 'discard 20M 4M' 'write -z -u 40M 1M' 'write -z 50000k 4k'
cp v3.qcow2 grown.qcow2
qemu-img resize -q grown.qcow2 100M
qio grown.qcow2 'write -P 0x43 99M 3k'
cp v3.qcow2 shrunk.qcow2
qemu-img resize -q --shrink shrunk.qcow2 30000k
cp v3.qcow2 bitmap.qcow2
qemu-img bitmap --add --enable bitmap.qcow2 b0
qio bitmap.qcow2 'write -P 0x44 1M 64k'
# qemu-io dies in the middle: the dirty bit stays set.
convert -o lazy_refcounts=on base.raw dirty.qcow2
(qemu-io -f qcow2 -c 'write -P 0x45 11M 1M' -c flush -c abort dirty.qcow2 >/dev/null 2>&1 || true) 2>/dev/null

# Backing chains: compressed base, longer overlay, raw base, shorter overlay, a folder, odd names.
convert -c base.raw chain-0.qcow2
create -b chain-0.qcow2 -F qcow2 chain-1.qcow2
create -b chain-1.qcow2 -F qcow2 chain-2.qcow2 90M
qio chain-1.qcow2 'write -P 0xaa 1M 300k' 'write -z 5M 1M' 'write -P 3 60M 100k'
qio chain-2.qcow2 'write -P 0xbb 1100k 50k' 'write -P 0xcc 80M 64k' 'discard 8M 1M'
create -b base.raw -F raw over-raw.qcow2
qio over-raw.qcow2 'write -P 0x11 2M 70k'
create -b base.raw -F raw over-raw-longer.qcow2 77M
create -b base.raw -F raw over-raw-shorter.qcow2 20000k
create -o compat=0.10 -b base.raw -F raw over-raw-v2.qcow2
qio over-raw-v2.qcow2 'write -P 0x12 2M 70k' 'write -z 10M 64k'
create -o cluster_size=2M -b chain-0.qcow2 -F qcow2 over-2M.qcow2
qio over-2M.qcow2 'write -P 0x13 3M 1k'
create -o cluster_size=512 -b chain-0.qcow2 -F qcow2 over-512.qcow2
qio over-512.qcow2 'write -P 0x14 3M 1k' 'write -c -P 0x15 4M 512'
cp v3-zlib.qcow2 'parts/a base – öä.qcow2'
create -b 'parts/a base – öä.qcow2' -F qcow2 over-folder.qcow2
create -b "$PWD/base.raw" -F raw over-absolute.qcow2
convert -c -B chain-0.qcow2 -F qcow2 over-2M.qcow2 over-compressed.qcow2
create -b chain-2.qcow2 -F qcow2 chain-3.qcow2 40M
create -b chain-3.qcow2 -F qcow2 chain-4.qcow2 70M
qio chain-4.qcow2 'write -P 0x16 39M 2M'

# External data files.
create -o data_file=parts/data-1.raw,data_file_raw=on data-raw.qcow2 70M
create -o data_file=parts/data-2.raw data.qcow2 70M
for i in data-raw data; do qio $i.qcow2 'write -P 0x51 1M 3M' 'write -P 0x52 60M 1M' 'write -z 2M 64k'; done
create -o data_file=parts/data-3.raw -b base.raw -F raw data-overlay.qcow2
qio data-overlay.qcow2 'write -P 0x53 0 100k' 'write -P 0x54 9M 1M'

# Internal snapshots, one of another size.
cp v3.qcow2 snapshots.qcow2
qemu-img snapshot -c first snapshots.qcow2
qio snapshots.qcow2 'write -P 0x61 0 10M'
qemu-img snapshot -c second snapshots.qcow2
qemu-img resize -q snapshots.qcow2 80M
qio snapshots.qcow2 'write -P 0x62 5M 10M' 'write -P 0x63 79M 64k'
cp v3-zstd.qcow2 snapshots-zstd.qcow2
qemu-img snapshot -c first snapshots-zstd.qcow2
qio snapshots-zstd.qcow2 'write -P 0x64 0 10M'

# Encrypted.
secret=(--object secret,id=s,data=password)
# Older qemu-img times the hash by the ticks of the processor's clock, and gives up where a fast one shows none.
for try in 1 2 3 4 5 6 7 8; do
    create "${secret[@]}" -o encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10,encrypt.hash-alg=sha512 luks.qcow2 4M && break
    [[ $try != 8 ]] || exit 1
done
create "${secret[@]}" -o encrypt.format=aes,encrypt.key-secret=s aes.qcow2 4M

# The truth.
digest() { printf 'size=%s sha256=%s\n' "$(stat -c %s parts/raw)" "$(sha256sum <parts/raw | cut -d' ' -f1)"; rm parts/raw; }
for image in *.qcow2; do
    truth=${image%.qcow2}.truth
    case $image in luks.* | aes.*) echo gap >"$truth"; continue ;; esac
    qemu-img convert -q -f qcow2 -O raw "$image" parts/raw
    printf 'disk %s\n' "$(digest)" >"$truth"
    case $image in snapshots*)
        for name in $(qemu-img snapshot -l "$image" | awk 'NR > 2 { print $2 }'); do
            # `convert -l` keeps the current size; going back to a snapshot takes its own.
            cp "$image" parts/back.qcow2
            qemu-img snapshot -q -a "$name" parts/back.qcow2
            qemu-img convert -q -f qcow2 -O raw parts/back.qcow2 parts/raw
            rm parts/back.qcow2
            printf 'snapshot %s %s\n' "$name" "$(digest)" >>"$truth"
        done ;;
    esac
done
rm -f parts/log
echo "$(ls ./*.truth | wc -l) images, $(grep -l '^disk' ./*.truth | wc -l) of them readable"

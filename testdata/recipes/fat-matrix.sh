#!/bin/bash
# FAT12, FAT16 and FAT32 images, the last with sectors of 512 and of 4096 bytes, and what mtools
# reads back from each.
#
# usage: fat-matrix.sh OUT
#
# Writes OUT/NAME.img and OUT/NAME.truth (see manifest.py). Needs dosfstools, mtools, jq, python3.
set -eu
export LC_ALL=C.UTF-8 TZ=UTC MTOOLS_SKIP_CHECK=1
out=${1:?usage: fat-matrix.sh OUT}
here=$(dirname "$(readlink -f "$0")")
mkdir -p "$out"
out=$(readlink -f "$out")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
src=$work/src
mkdir -p "$src"/{EFI/BOOT,many,'Dir With Space',empty}
cd "$src"

# Bytes that are the same on every run: AES in counter mode over zeros.
bytes() { head -c "$1" /dev/zero | openssl enc -aes-128-ctr -nosalt -pbkdf2 -pass "pass:$2" 2> /dev/null; }
for n in 0 1 511 512 513 4095 4096 4097 70000 300000; do bytes $n "size$n" > "size_$n.bin"; done
bytes 35000 boot > EFI/BOOT/BOOTX64.EFI
echo x > 'Long file name with spaces and ünïcode.txt'
echo y > lower.txt
echo z > UPPER.TXT
echo m > Mixed.Txt
echo n > noext
echo d > trailing.dots.in.name
echo e > 'emoji😀.txt'
echo a > "$(printf 'a%.0s' $(seq 1 251)).txt"
echo 文 > '中文文件名.txt'
echo h > hidden
for i in $(seq 1 300); do echo "$i" > "many/file number $i with long name.txt"; done
deep=.
for i in $(seq 1 30); do deep=$deep/d$i; done
mkdir -p "$deep"; echo deep > "$deep/deep.txt"
find . -exec touch -d '2024-02-29 12:34:56' {} +

# make NAME SIZE MKFS-OPTIONS...
make() {
	local name=$1 image=$out/$1.img; local size=$2; shift 2
	rm -f "$image"; truncate -s "$size" "$image"
	mkfs.vfat "$@" -n MYLABEL -i 1234ABCD "$image" > /dev/null
	# Holes in the allocation: every second filler is deleted before the tree is copied.
	mkdir -p "$work/fill"
	for i in $(seq 1 60); do bytes 5000 "fill$i" > "$work/fill/F$i"; done
	mcopy -i "$image" "$work"/fill/F* ::/
	for i in $(seq 1 2 60); do mdel -i "$image" "::/F$i"; done
	mcopy -s -m -Q -i "$image" "$src"/* ::/
	mattrib +h +s -i "$image" ::/hidden
	for i in $(seq 2 2 60); do mdel -i "$image" "::/F$i"; done
	# A file in many pieces: every freed cluster is used again.
	bytes 100000 pieces > "$work/pieces"; touch -d '1999-12-31 23:59:58' "$work/pieces"
	mcopy -m -i "$image" "$work/pieces" ::/in-pieces.bin
	rm -rf "$work/back"; mkdir "$work/back"
	mcopy -s -n -m -i "$image" '::/*' "$work/back/"
	"$here/manifest.py" "$work/back" |
		jq -c '{path, type, size, sha256, mtime} | if .type == "f" then . else {path, type} end' \
		> "$out/$name.truth"
	echo "$name: $(wc -l < "$out/$name.truth") entries"
}

make fat12 3M -F 12 -s 2
bytes 8000000 big > big.bin
make fat16 40M -F 16 -s 2
bytes 20000000 big2 > big2.bin
for i in $(seq 301 3000); do echo "$i" > "many/f$i.txt"; done
make fat32 80M -F 32 -s 1
make fat32-4096 300M -F 32 -S 4096 -s 1

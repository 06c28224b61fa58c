#!/bin/bash
# The small disks and FAT volumes of the unit tests and of the fuzz seeds.
#
# usage: tiny-volumes.sh OUT        (OUT is testdata/volumes in the checkout)
#
# Writes OUT/NAME.img.zst and OUT/truth.txt: what sfdisk says of the disks, and of the FAT volumes
# what mtools and sha256sum say. Needs fdisk, gdisk, dosfstools, mtools, openssl, zstd, python3.
set -eu
export LC_ALL=C.UTF-8 TZ=UTC MTOOLS_SKIP_CHECK=1
out=${1:?usage: tiny-volumes.sh OUT}
here=$(dirname "$(readlink -f "$0")")
mkdir -p "$out"
out=$(readlink -f "$out")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
zero() { dd if=/dev/zero of="$1.img" bs=512 seek="$2" count="$3" conv=notrunc status=none; }

# Disks of 512 KiB: LBA 0 to 1023.
truncate -s 512K gpt.img
sgdisk -a1 -U 11111111-2222-3333-4444-555555555555 -n1:64:127 -t1:ef00 -c1:EFI \
	-u1:AAAAAAAA-0001-0000-0000-000000000000 -n2:128:511 -t2:8300 -c2:'rööt' -A2:set:2 \
	-u2:AAAAAAAA-0002-0000-0000-000000000000 gpt.img > /dev/null
cp gpt.img gpt-backup.img; zero gpt-backup 1 33
cp gpt.img gpt-grown.img; truncate -s 768K gpt-grown.img
cp gpt.img gpt-hybrid.img; sgdisk -h 1 gpt-hybrid.img > /dev/null
cp gpt.img gpt-overlap.img; "$here/gpt_edit.py" gpt-overlap.img overlap
truncate -s 512K mbr-logical.img
sfdisk -q mbr-logical.img <<-'S'
	label: dos
	label-id: 0x1badcafe
	mbr-logical.img1 : start=64, size=64, type=7, bootable
	mbr-logical.img2 : start=128, size=512, type=5
	mbr-logical.img5 : start=192, size=64, type=83
	mbr-logical.img6 : start=320, size=64, type=82
S
cp mbr-logical.img mbr-loop.img; "$here/gpt_edit.py" mbr-loop.img ebr-loop

bytes() { head -c "$1" /dev/zero | openssl enc -aes-128-ctr -nosalt -pbkdf2 -pass "pass:$2" 2> /dev/null; }
mkdir -p tree/Folder; bytes 3000 tiny > tree/Folder/long\ name\ ü.bin; echo short > tree/SHORT.TXT
find tree -exec touch -d '2024-02-29 12:34:56' {} +
# fat NAME KIB OPTIONS...
fat() {
	local name=$1 size=$2; shift 2
	truncate -s "${size}K" "$name.img"
	mkfs.vfat --invariant "$@" -i 1234ABCD -n TINY "$name.img" > /dev/null
	bytes 1500 a > F1; mcopy -i "$name.img" F1 ::/F1
	mcopy -s -m -Q -i "$name.img" tree/* ::/
	mdel -i "$name.img" ::/F1
	# In two pieces: the freed clusters first.
	bytes 4000 b > pieces; touch -d '1999-12-31 23:59:58' pieces
	mcopy -m -i "$name.img" pieces ::/pieces
}
fat fat12 64 -F 12 -s 1
fat fat16 2200 -F 16 -s 1 -f 1
fat fat32 34816 -F 32 -s 1 -f 1

for disk in gpt gpt-hybrid gpt-overlap mbr-logical; do
	echo "== $disk (sfdisk)"; sfdisk -d "$disk.img" | sed -n '/start=/p'
done > truth.txt
for fat in fat12 fat16 fat32; do
	echo "== $fat (mdir, mcopy, sha256sum)"; mdir -b -s -i "$fat.img" ::/
	for f in '::/Folder/long name ü.bin' ::/SHORT.TXT ::/pieces; do
		mcopy -n -i "$fat.img" "$f" back; echo "$(sha256sum < back) $f"; rm back
	done
done >> truth.txt
cp truth.txt "$out/"
for f in *.img; do zstd -q19 -f "$f" -o "$out/$f.zst"; done
du -sh "$out"

#!/bin/bash
# Disks with every kind of partition table, and what sfdisk says of each.
#
# usage: partition-matrix.sh OUT
#
# Writes OUT/NAME.img with OUT/NAME.json (the partitions as `sfdisk --json` prints them) and
# OUT/NAME.facts: one word a line for what the recipe did to the table, `scheme WORD` first. For a
# table that sfdisk refuses, the JSON is that of the disk before it was damaged. Needs fdisk,
# gdisk, dosfstools, e2fsprogs, ntfs-3g, jq and python3; root for the disk with sectors of 4096 bytes
# (a loop device; left out without root).
set -eu
export LC_ALL=C.UTF-8
out=${1:?usage: partition-matrix.sh OUT}
here=$(dirname "$(readlink -f "$0")")
mkdir -p "$out"
cd "$out"
rm -f ./*.img ./*.json ./*.facts

empty='{"partitiontable":{"label":"none","id":"","sectorsize":512,"partitions":[]}}'

# truth NAME: the table as sfdisk sees it now.
truth() { sfdisk --json "$1.img" > "$1.json" 2>/dev/null; }
# facts NAME SCHEME [FACT...]
facts() { local name=$1; shift; { echo "scheme $1"; shift; [ $# = 0 ] || printf '%s\n' "$@"; } > "$name.facts"; }
# like NAME SOURCE: a copy of an earlier disk with its truth.
like() { cp --sparse=always "$2.img" "$1.img"; cp "$2.json" "$1.json"; }
zero() { dd if=/dev/zero of="$1.img" bs=512 seek="$2" count="$3" conv=notrunc status=none; }

# A plain GPT: ESP, root with a legacy boot bit, a name that is not ASCII and at its full length.
truncate -s 64M gpt.img
sgdisk -n1:2048:+8M -t1:ef00 -c1:EFI -n2:0:+30M -t2:8300 -c2:'Linux root' -A2:set:2 \
	-n3:0:0 -t3:8e00 -c3:'ünïcødé-分区-0123456789-0123456789-01' gpt.img > /dev/null
truth gpt; facts gpt gpt

like gpt-backup-only gpt; zero gpt-backup-only 1 33
facts gpt-backup-only gpt backup-used
like gpt-array-crc gpt; printf '\xff' | dd of=gpt-array-crc.img bs=1 seek=1100 conv=notrunc status=none
facts gpt-array-crc gpt backup-used crc
like gpt-header-crc gpt; printf '\xff' | dd of=gpt-header-crc.img bs=1 seek=570 conv=notrunc status=none
facts gpt-header-crc gpt backup-used crc
like gpt-no-backup gpt; zero gpt-no-backup $((64 * 2048 - 33)) 33
facts gpt-no-backup gpt no-backup
like gpt-no-mbr gpt; zero gpt-no-mbr 0 1
facts gpt-no-mbr gpt no-protective-mbr
like gpt-grown gpt; truncate -s 96M gpt-grown.img
facts gpt-grown gpt enlarged
# Grown, and the primary lost: only the protective MBR still knows where the backup is.
like gpt-grown-backup gpt-grown; zero gpt-grown-backup 1 33
facts gpt-grown-backup gpt backup-used
like gpt-cut gpt; truncate -s 48M gpt-cut.img
facts gpt-cut gpt cut past-end
like gpt-hybrid gpt; sgdisk -h 1:2 gpt-hybrid.img > /dev/null
facts gpt-hybrid gpt hybrid

truncate -s 64M gpt-256.img
sgdisk -S 256 gpt-256.img > /dev/null
seq 1 200 | sed 's/.*/-n&:0:+256K/' | xargs sgdisk gpt-256.img > /dev/null
truth gpt-256; facts gpt-256 gpt disorder

truncate -s 64M gpt-disorder.img
sgdisk -a1 -n3:2048:+8M -n1:40960:+8M -n7:30000:+1M -t7:8200 gpt-disorder.img > /dev/null
truth gpt-disorder; facts gpt-disorder gpt disorder

# What no partitioner writes: see gpt_edit.py.
like gpt-overlap gpt; "$here/gpt_edit.py" gpt-overlap.img overlap
truth gpt-overlap; facts gpt-overlap gpt overlap
like gpt-entry-256 gpt; "$here/gpt_edit.py" gpt-entry-256.img entry-size
facts gpt-entry-256 gpt entry-size

if [ "$(id -u)" = 0 ]; then
	truncate -s 64M gpt-4096.img
	loop=$(losetup -b 4096 --show -f gpt-4096.img)
	sgdisk -n1:256:+8M -t1:ef00 -n2:0:0 -t2:8300 -c2:root "$loop" > /dev/null
	sfdisk --json "$loop" > gpt-4096.json
	losetup -d "$loop"
	facts gpt-4096 gpt sectors-4096
	like gpt-4096-backup gpt-4096
	dd if=/dev/zero of=gpt-4096-backup.img bs=4096 seek=1 count=5 conv=notrunc status=none
	facts gpt-4096-backup gpt sectors-4096 backup-used

	# An MBR does not tell its sector size; what stands in the partitions does.
	truncate -s 128M mbr-4096.img
	loop=$(losetup -b 4096 --show -f mbr-4096.img)
	sfdisk -q "$loop" <<-S
		label: dos
		label-id: 0x4096cafe
		${loop}p1 : start=256, size=16M, type=83
		${loop}p2 : size=100M, type=5
		${loop}p5 : size=16M, type=83
		${loop}p6 : size=16M, type=7
	S
	sfdisk --json "$loop" > mbr-4096.json
	losetup -d "$loop"
	mke2fs -q -F -b 4096 -E offset=$((256 * 4096)) mbr-4096.img 4096
	facts mbr-4096 mbr sectors-4096
fi

truncate -s 128M mbr-logical.img
sfdisk -q mbr-logical.img <<-'S'
	label: dos
	label-id: 0x1badcafe
	mbr-logical.img1 : size=10M, type=7, bootable
	mbr-logical.img2 : size=20M, type=83
	mbr-logical.img3 : size=90M, type=5
	mbr-logical.img5 : size=10M, type=83
	mbr-logical.img6 : size=20M, type=82
	mbr-logical.img7 : size=30M, type=8e
	mbr-logical.img8 : size=5M, type=c
S
truth mbr-logical; facts mbr-logical mbr
truncate -s 64M mbr-primary.img
sfdisk -q mbr-primary.img <<-'S'
	label: dos
	start=2048, size=10M, type=c
	start=81920, size=10M, type=83
	start=40960, size=10M, type=7
	size=2M, type=27
S
truth mbr-primary; facts mbr-primary mbr disorder
# The last boot record of the chain points back to the first.
like mbr-loop mbr-logical; "$here/gpt_edit.py" mbr-loop.img ebr-loop
facts mbr-loop mbr loop
like mbr-cut mbr-logical; truncate -s 97M mbr-cut.img
facts mbr-cut mbr past-end
# Cut before the last record of the chain: what it lists can't be known.
like mbr-chain-cut mbr-logical; truncate -s 90M mbr-chain-cut.img
jq 'del(.partitiontable.partitions[-1])' mbr-logical.json > mbr-chain-cut.json
facts mbr-chain-cut mbr past-end chain-lost
# Repartitioned with an MBR, both GPT headers left behind.
like mbr-over-gpt mbr-primary
dd if=gpt.img of=mbr-over-gpt.img bs=512 skip=1 seek=1 count=33 conv=notrunc status=none
dd if=gpt.img of=mbr-over-gpt.img bs=512 skip=$((64 * 2048 - 33)) seek=$((64 * 2048 - 33)) count=33 \
	conv=notrunc status=none
facts mbr-over-gpt mbr disorder left-over
# A protective MBR and nothing behind it.
like mbr-lone-protective gpt; zero mbr-lone-protective 1 33; zero mbr-lone-protective $((64 * 2048 - 33)) 33
truth mbr-lone-protective; facts mbr-lone-protective mbr gpt-missing

# No table at all.
truncate -s 10M none-fat.img; mkfs.vfat none-fat.img > /dev/null
truncate -s 40M none-fat32.img; mkfs.vfat -F 32 -s 1 none-fat32.img > /dev/null
truncate -s 10M none-ntfs.img; mkntfs -qF none-ntfs.img > /dev/null 2>&1
truncate -s 10M none-ext4.img; mke2fs -qt ext4 none-ext4.img
# A bare file system on a disk that was a GPT disk before: its backup is still there.
cp --sparse=always gpt.img none-ext4-over-gpt.img; zero none-ext4-over-gpt 0 34
mke2fs -qFt ext4 none-ext4-over-gpt.img
dd if=gpt.img of=none-ext4-over-gpt.img bs=512 skip=$((64 * 2048 - 33)) seek=$((64 * 2048 - 33)) \
	count=33 conv=notrunc status=none
truncate -s 1M none-zeros.img
for name in none-*.img; do
	name=${name%.img}
	echo "$empty" > "$name.json"
	facts "$name" none
done
facts none-ext4-over-gpt none left-over
echo "$(ls ./*.img | wc -l) disks in $out"

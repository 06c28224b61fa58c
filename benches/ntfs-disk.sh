#!/bin/bash
# Builds an NTFS volume of 60,000 files in 600 folders with ntfs-3g: ntfs-disk.sh IMAGE
set -euo pipefail
image=${1:?usage: ntfs-disk.sh IMAGE}
mount=$(mktemp -d)
trap 'mountpoint -q "$mount" && umount "$mount"; rmdir "$mount"' EXIT
rm -f "$image"; truncate -s 1G "$image"
mkntfs -q -F -f -L bench "$image" > /dev/null 2>&1
ntfs-3g "$image" "$mount"
python3 - "$mount" <<'PY'
import os, sys
top, n = sys.argv[1], 0
for a in range(20):
    for b in range(30):
        folder = f'{top}/folder {a:02}/sub{b:03}'
        os.makedirs(folder)
        for c in range(100):
            with open(f'{folder}/file with a longer name {c:04}.txt', 'wb') as f:
                f.write(b'x' * (n * 37 % 3000))
            n += 1
print(n, 'files')
PY
sync; umount "$mount"

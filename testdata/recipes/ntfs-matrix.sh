#!/bin/bash
# Makes NTFS volumes of every geometry with contents of every kind, and the truth beside them.
#
# usage: ntfs-matrix.sh OUT [NAME...]
#
# OUT/NAME.img and OUT/NAME.truth. The truth is what ntfs-3g sees on a read-only mount, streams
# included; for what ntfs-3g does not read (files of the Windows Overlay Filter, the bytes behind
# the initialised size) or rewrites (link targets), it is what the recipe itself put in
# (ntfs_tree.py, ntfs_patch.py). Needs root, ntfs-3g, libwim15, jq, setfattr.
set -euo pipefail
out=${1:?usage: ntfs-matrix.sh OUT [NAME...]}
shift
here=$(dirname "$(readlink -f "$0")")
mkdir -p "$out"
mnt=$(mktemp -d)
trap 'umount "$mnt" 2>/dev/null || true; rmdir "$mnt"' EXIT

options=compression,streams_interface=windows

# make NAME SIZE MKNTFS-OPTIONS PROFILE...: formats, fills by profile, writes down.
make() {
    local name=$1 size=$2 format=$3 img="$out/$1.img"
    shift 3
    if [ -n "$wanted" ] && [[ " $wanted " != *" $name "* ]]; then return; fi
    rm -f "$img" "$img.own"
    truncate -s "$size" "$img"
    # shellcheck disable=SC2086
    mkntfs --quick --fast --force --quiet --label "$name" $format "$img" > /dev/null 2>&1
    ntfs-3g -o $options "$img" "$mnt"
    for profile in "$@"; do
        python3 "$here/ntfs_tree.py" "$profile" "$mnt" >> "$img.own"
    done
    umount "$mnt"
    python3 "$here/ntfs_patch.py" "$img" "$img.own" "$@"
    ntfs-3g -o ro,$options "$img" "$mnt"
    # NTFS has no permission bits; those of ntfs-3g are its own. Directories have no size here.
    python3 "$here/manifest.py" --streams "$mnt" |
        jq -c 'del(.mode, .uid, .gid, .xattrs, .attributes, .rdev)
               | if .type == "d" then del(.size, .nlink) else . end' > "$img.seen"
    umount "$mnt"
    # What the recipe itself knows takes the place of what ntfs-3g says of the same path.
    jq -c -s 'reduce .[] as $e ({}; if $e.own then .[$e.path] |= ((. // {}) + ($e | del(.own)))
                                    else .[$e.path] = $e end) | .[]' \
        "$img.seen" "$img.own" > "$out/$name.truth"
    rm -f "$img.seen" "$img.own"
    echo "$name: $(wc -l < "$out/$name.truth") entries"
}

wanted="$*"
make default    300M ""                      plain tree compressed streams links index
make cluster512 120M "-c 512"                plain compressed streams links
make cluster64k 300M "-c 65536"              plain streams links index
make cluster2m  1G   "-c 2097152"            plain streams links
make sector4096 300M "-s 4096"               plain compressed streams links index
make sector4k512 64M "-s 1024 -c 1024"       plain compressed streams
make splitindex  48M ""                      fragments
make splitlists  64M ""                      packed holes fragmented
make wof        100M ""                      wof
make validsize   40M ""                      validsize
make dirty       20M ""                      plain dirty
make tiny         4M ""                      tiny dirty

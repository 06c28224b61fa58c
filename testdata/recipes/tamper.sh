#!/bin/bash
# Makes a tampered copy of a raw Linux disk without mounting it.
#
#   tamper.sh SOURCE.raw COPY.raw CHANGE...
#
# The ext file system of the first GPT partition that holds one is changed with debugfs. Each CHANGE
# appends a line to COPY.truth that says what a scanner has to find:
#   kernel-byte     one bit of one byte in the middle of /boot/vmlinuz-*; same size, same times
#   no-agent        /usr/local/sa is removed; its cron line stays
#   nameserver      /etc/resolv.conf names a resolver outside the approved set
#   uid0            a second account with uid 0
#   empty-password  an account with a shell and no password at all
#   authorized-key  a key left in /root/.ssh/authorized_keys
# Needs: e2fsprogs gdisk.
set -euo pipefail
export LC_ALL=C
src=${1:?usage: tamper.sh SOURCE.raw COPY.raw CHANGE...} copy=${2:?}; shift 2
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cp --sparse=always --reflink=auto "$src" "$copy"
truth=${copy%.raw}.truth; : > "$truth"

offset=
for start in $(sgdisk -p "$copy" | awk '$1 ~ /^[0-9]+$/ {print $2}'); do
  magic=$(od -An -tx2 -j $((start * 512 + 1080)) -N 2 "$copy" | tr -d ' ')
  if [[ $magic = ef53 ]]; then offset=$((start * 512)); break; fi
done
[[ -n $offset ]] || { echo "tamper.sh: no ext file system in $src" >&2; exit 1; }
disk="$copy?offset=$offset"
epoch=$(date -u -d "@${SOURCE_DATE_EPOCH:-1700000000}" +%Y%m%d%H%M%S)

fs() { debugfs -R "$1" "$disk" 2>/dev/null; }
# Each line of stdin is one debugfs command. debugfs exits 0 whatever happens, so its complaints
# decide.
fs_write() {
  debugfs -w -f /dev/stdin "$disk" > "$work/log" 2>&1
  if grep -vE '^debugfs( [0-9]|:)|^Allocated inode' "$work/log" | grep -q .; then
    echo "tamper.sh: debugfs:" >&2; cat "$work/log" >&2; exit 1
  fi
}
# put PATH MODE: the file of stdin replaces PATH, owned by root.
put() {
  cat > "$work/new"; chmod "$2" "$work/new"; chown 0:0 "$work/new"
  { fs "stat $1" | grep -q '^Inode:' && echo "rm $1"; echo "write $work/new $1"
    for t in atime ctime mtime crtime; do echo "sif $1 $t $epoch"; done; } | fs_write
}
# remove DIRECTORY and all below it.
remove() {
  local dir=$1 inode mode name
  while IFS=/ read -r _ inode mode _ _ name _; do
    case $name in ''|.|..) continue ;; esac
    if [[ $mode == 04* ]]; then remove "$dir/$name"; else echo "rm $dir/$name" | fs_write; fi
  done < <(fs "ls -p $dir")
  echo "rmdir $dir" | fs_write
}
line_of() { fs "cat $1" | grep -nE "$2" | cut -d: -f1 | head -1; }

for change; do
  case $change in
    kernel-byte)
      kernel=$(fs 'ls -p /boot' | awk -F/ '$6 ~ /^vmlinuz-/ {print $6}' | sort -V | tail -1)
      size=$(fs "stat /boot/$kernel" | sed -n 's/.*Size: \([0-9]*\).*/\1/p' | head -1)
      block=$(fs 'stats -h' | awk -F: '/^Block size/ {print $2+0}')
      at=$((size / 2)); phys=$(fs "bmap /boot/$kernel $((at / block))" | tr -d ' ')
      pos=$((offset + phys * block + at % block))
      before=$(fs "cat /boot/$kernel" | sha256sum | cut -d' ' -f1)
      old=$(od -An -tu1 -j $pos -N 1 "$copy" | tr -d ' ')
      printf "\\x$(printf %02x $((old ^ 1)))" | dd of="$copy" bs=1 seek=$pos conv=notrunc status=none
      after=$(fs "cat /boot/$kernel" | sha256sum | cut -d' ' -f1)
      [[ $before != "$after" ]] || { echo "tamper.sh: the byte did not change the kernel" >&2; exit 1; }
      echo "kernel-byte path=/boot/$kernel offset=$at sha256_before=$before sha256_after=$after md5_after=$(fs "cat /boot/$kernel" | md5sum | cut -d' ' -f1)" >> "$truth" ;;
    no-agent)
      remove /usr/local/sa
      echo "no-agent path=/usr/local/sa" >> "$truth" ;;
    nameserver)
      printf '# resolvers\nnameserver 203.0.113.53\n' | put /etc/resolv.conf 644
      echo "nameserver path=/etc/resolv.conf line=2 value=203.0.113.53" >> "$truth" ;;
    uid0)
      { fs 'cat /etc/passwd'; echo 'support:x:0:0:support:/root:/bin/bash'; } > "$work/passwd"
      { fs 'cat /etc/shadow'; echo 'support:!:19675:0:99999:7:::'; } > "$work/shadow"
      put /etc/passwd 644 < "$work/passwd"; put /etc/shadow 600 < "$work/shadow"
      echo "uid0 path=/etc/passwd line=$(line_of /etc/passwd '^support:') name=support" >> "$truth" ;;
    empty-password)
      { fs 'cat /etc/passwd'; echo 'guest:x:1999:1999::/home/guest:/bin/bash'; } > "$work/passwd"
      { fs 'cat /etc/shadow'; echo 'guest::19675:0:99999:7:::'; } > "$work/shadow"
      put /etc/passwd 644 < "$work/passwd"; put /etc/shadow 600 < "$work/shadow"
      echo "empty-password path=/etc/shadow line=$(line_of /etc/shadow '^guest:') name=guest" >> "$truth" ;;
    authorized-key)
      fs 'stat /root/.ssh' | grep -q '^Inode:' || echo 'mkdir /root/.ssh' | fs_write
      printf '%s\n%s\n' '# bound key' \
        'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGltZ3NjYW4gdGVzdCBrZXksIG5vdCBhIHJlYWwgb25lISE= vendor@build' \
        | put /root/.ssh/authorized_keys 600
      echo "authorized-key path=/root/.ssh/authorized_keys line=2" >> "$truth" ;;
    *) echo "tamper.sh: unknown change $change" >&2; exit 2 ;;
  esac
done

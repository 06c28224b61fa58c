#!/bin/bash
# Writes what rpm lists of every rpm database in the corpus: one line each,
#   FILE packages N files N digests N sha256 SUM
# where SUM is that of the sorted lines `package<TAB>path<TAB>digest` of all files.
#
#   rpmdb-truth.sh CORPUS > testdata/rpm/corpus.truth
# Needs: rpm (4.18, with SQLite and read-only Berkeley DB), python3, zstd.
set -euo pipefail
export LC_ALL=C
corpus=${1:?usage: rpmdb-truth.sh CORPUS}
here=$(dirname "$(readlink -f "$0")")
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
for file in rpm/rpmdb.sqlite go-rpmdb/cbl-mariner-2.0__rpmdb.sqlite go-rpmdb/libuuid__Packages \
    go-rpmdb/sle15-bci__Packages.db derived-rpmdb/mariner2-129__Packages; do
  rm -rf "$work/db"; mkdir "$work/db"
  name=${file##*/} name=${name##*__} backend=sqlite
  zstd -qdc "$corpus/$file.zst" > "$work/db/$name"
  case $name in
    Packages.db) rpm --dbpath "$work/db" --initdb
      python3 "$here/rpmdb_convert.py" "$work/db/$name" "$work/db/rpmdb.sqlite"; rm "$work/db/$name" ;;
    Packages) backend=bdb_ro ;;
  esac
  list() { rpm --dbpath "$work/db" --define "_db_backend $backend" -qa --qf "$1" 2> "$work/log" | sort; }
  list '%{NAME}\n' > "$work/packages"
  list '[%{=NAME}\t%{FILENAMES}\t%{FILEDIGESTS}\n]' > "$work/files"
  echo "$file.zst packages $(wc -l < "$work/packages") files $(wc -l < "$work/files")" \
    "digests $(grep -cP '\t[0-9a-f]+$' "$work/files" || true) sha256 $(sha256sum < "$work/files" | cut -d' ' -f1)"
done

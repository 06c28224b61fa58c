#!/bin/bash
# Makes testdata/rpm/files.sqlite.zst, the rpm database of packages with files of every kind, and files.truth: what
# `rpm -Va` says of their root after files of it were changed.
#
#   rpm-files.sh OUT
#
# Two packages bring /usr/bin/tool with different contents, as those of two architectures do; what is there is that of
# the second. The files hold the words that the specs below write, with a line feed.
# Needs: rpm sqlite3 zstd, and root (owners of the files).
set -euo pipefail
export LC_ALL=C SOURCE_DATE_EPOCH=1700000000
out=$(readlink -f "${1:?usage: rpm-files.sh OUT}")
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
mkdir -p "$out" "$work/top" "$work/root"
cat > "$work/head" <<'SPEC'
Version: 1
Release: 1
Summary: fixture
License: MIT
BuildArch: noarch
%description
fixture
SPEC
files=(usr/bin/{tool,fine,setid,given,free,loose} usr/lib64/libtool.so.1.0 etc/tool.conf usr/share/tool/{state,table}
  usr/share/doc/tool/README var/lib/tool/made usr/lib/python3/__pycache__/tool.pyc)
cat > "$work/tool.spec" <<SPEC
Name: tool
$(cat "$work/head")
%install
cd %{buildroot}
mkdir -p usr/bin usr/lib64 etc usr/share/tool usr/share/doc/tool var/lib/tool usr/lib/python3/__pycache__
for f in ${files[*]}; do echo \$(basename \$f) > \$f; done
ln -s libtool.so.1.0 usr/lib64/libtool.so.1
ln -s tool usr/bin/alias
%files
%attr(755,root,root) /usr/bin/tool
%attr(755,root,root) /usr/bin/fine
%attr(755,root,root) /usr/bin/setid
%attr(4755,root,root) /usr/bin/given
%attr(755,root,root) %verify(not mode) /usr/bin/free
%attr(755,root,root) /usr/bin/loose
%attr(644,root,root) /usr/lib64/libtool.so.1.0
/usr/lib64/libtool.so.1
/usr/bin/alias
%attr(644,root,root) %config(noreplace) /etc/tool.conf
%attr(644,root,root) %verify(not md5 size mtime) /usr/share/tool/state
%attr(644,root,root) /usr/share/tool/table
%attr(644,root,root) %doc /usr/share/doc/tool/README
%attr(644,root,root) %ghost /var/lib/tool/made
%attr(644,root,root) /usr/lib/python3/__pycache__/tool.pyc
SPEC
cat > "$work/tool32.spec" <<SPEC
Name: tool32
$(cat "$work/head")
%install
cd %{buildroot}
mkdir -p usr/bin
echo tool32 > usr/bin/tool
%files
%attr(755,root,root) /usr/bin/tool
SPEC
for name in tool tool32; do
  rpmbuild --quiet -bb --define "_topdir $work/top" --define '_build_id_links none' --define '_buildhost build.example.com' \
    --define 'use_source_date_epoch_as_buildtime 1' --define '__os_install_post %{nil}' "$work/$name.spec" > "$work/log" 2>&1 ||
    { cat "$work/log" >&2; exit 1; }
done
root=$work/root
rpm() { command rpm --root "$root" --dbpath /var/lib/rpm "$@"; }
rpm --initdb
for name in tool tool32; do
  rpm --nodeps --nosignature --nodigest --noplugins --replacefiles -i "$work"/top/RPMS/noarch/$name-1-1.noarch.rpm
done
db=$root/var/lib/rpm/rpmdb.sqlite
sqlite3 "$db" 'pragma wal_checkpoint(truncate); vacuum;' > /dev/null
zstd -q -19 -f "$db" -o "$out/files.sqlite.zst"
verify() { echo "# $1"; rpm -Va --nodeps 2>&1 | sort || true; }
{
  verify clean
  echo other > "$root/usr/bin/fine"
  chmod 4755 "$root/usr/bin/setid" "$root/usr/bin/free"
  chmod 777 "$root/usr/bin/loose"
  ln -sfn /opt/evil.so "$root/usr/lib64/libtool.so.1"
  for f in etc/tool.conf usr/share/tool/state usr/share/tool/table; do echo other > "$root/$f"; done
  rm "$root/usr/share/doc/tool/README" "$root/usr/bin/alias"
  rm -f "$root/var/lib/tool/made"
  verify changed
} > "$out/files.truth"

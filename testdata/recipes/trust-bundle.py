#!/usr/bin/env python3
"""Writes src/trust/anchors.rs of imgscan-core from crates/imgscan-core/trust/MANIFEST.tsv.

usage: trust-bundle.py REVISION        (run in the project's root)

Every file's SHA-256 is compared with the manifest's before it is listed. A certificate or a key
counts as confirmed where the manifest says that independent sources agree on it. Of a file of
OpenPGP keys only those count whose fingerprints the manifest has."""
import csv, hashlib, re, sys

ROOT = "crates/imgscan-core/"
ROLES = {
    "uefi-db": "UefiDb",
    "distro-secure-boot": "DistroSecureBoot",
    "distro-secure-boot-signer": "DistroSigner",
    "distro-secure-boot-embedded-leaf": "DistroSigner",
    "windows-root": "WindowsRoot",
    "windows-intermediate": "WindowsIntermediate",
    "kernel-module": "KernelModule",
}
rows = list(csv.DictReader(open(ROOT + "trust/MANIFEST.tsv"), delimiter="\t", quoting=csv.QUOTE_NONE))
out = [
    "// Made by testdata/recipes/trust-bundle.py from trust/MANIFEST.tsv: each row is a file there.",
    "",
    "/// The revision of the bundle: when its certificates were gathered.",
    f'pub(super) const REVISION: &str = "{sys.argv[1]}";',
    "",
    "/// (certificate, role, file in the bundle, two or more independent sources agree)",
    "pub(super) const ANCHORS: &[(&[u8], Role, &str, bool)] = &[",
]
confirmed = lambda row: row["confidence"].startswith("two independent")
# Keys for testing, debugging, SIGs and retired ones do not sign what a distribution ships.
base = lambda row: row["role"] in ("rpm", "deb-archive")
word = lambda truth: "true" if truth else "false"
keys = []
for row in sorted(rows, key=lambda r: r["file"]):
    name = row["file"]
    digest = hashlib.sha256(open(ROOT + "trust/" + name, "rb").read()).hexdigest()
    if digest != row["sha256"]:
        sys.exit(f"{name}: SHA-256 {digest}, the manifest says {row['sha256']}")
    if name.endswith(".asc"):
        keys.append(row)
        continue
    role = ROLES.get(row["role"], "KnownOnly")
    out.append(f'    (include_bytes!("../../trust/{name}"), Role::{role}, "{name}", {word(confirmed(row))}),')
out += [
    "];",
    "",
    "/// (file of OpenPGP keys, its name in the bundle, vendor, (fingerprint of a primary key, two or",
    "/// more independent sources agree, signs the distribution itself))",
    "pub(super) type Keys = (&'static [u8], &'static str, &'static str, &'static [(&'static str, bool, bool)]);",
    "pub(super) const KEYRINGS: &[Keys] = &[",
]
for name in sorted({r["file"] for r in keys}):
    own = sorted((r["openpgp_fingerprint"], word(confirmed(r)), word(base(r))) for r in keys if r["file"] == name)
    listed = ", ".join(f'("{f}", {c}, {b})' for f, c, b in own)
    vendor = re.match(r"\w+/((?:amazon|azure|scientific)-linux|\w+)-", name).group(1)
    out.append(f'    (include_bytes!("../../trust/{name}"), "{name}", "{vendor}", &[{listed}]),')
out.append("];")
open(ROOT + "src/trust/anchors.rs", "w").write("\n".join(out) + "\n")
print(f"{len(rows) - len(keys)} certificates, {len(keys)} OpenPGP keys")

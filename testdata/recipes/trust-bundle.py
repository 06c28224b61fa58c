#!/usr/bin/env python3
"""Writes src/trust/anchors.rs of imgscan-core from crates/imgscan-core/trust/MANIFEST.tsv.

usage: trust-bundle.py REVISION        (run in the project's root)

Every certificate's SHA-256 is compared with the manifest's before it is listed. A certificate
counts as confirmed where the manifest says that independent sources agree on it."""
import csv, hashlib, sys

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
    f'const REVISION: &str = "{sys.argv[1]}";',
    "",
    "/// (certificate, role, file in the bundle, two or more independent sources agree)",
    "const ANCHORS: &[(&[u8], Role, &str, bool)] = &[",
]
for row in sorted(rows, key=lambda r: r["file"]):
    name = row["file"]
    digest = hashlib.sha256(open(ROOT + "trust/" + name, "rb").read()).hexdigest()
    if digest != row["sha256"]:
        sys.exit(f"{name}: SHA-256 {digest}, the manifest says {row['sha256']}")
    confirmed = "true" if row["confidence"].startswith("two independent") else "false"
    role = ROLES.get(row["role"], "KnownOnly")
    out.append(f'    (include_bytes!("../../trust/{name}"), Role::{role}, "{name}", {confirmed}),')
out.append("];")
open(ROOT + "src/trust/anchors.rs", "w").write("\n".join(out) + "\n")
print(f"{len(rows)} certificates")

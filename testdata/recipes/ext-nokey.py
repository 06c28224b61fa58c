#!/usr/bin/env python3
"""Turns the names that the kernel shows of encrypted directories without their key into base64url
of the bytes on the disk (stdin to stdout, manifests).

Without the key the kernel lists base64url of: two 32-bit directory hashes, then the stored name
(up to 149 bytes; longer ones end in a digest and can't be turned back).
"""
import base64
import json
import sys

entries = [json.loads(line) for line in sys.stdin]
secret = {bytes.fromhex(e["path"]) for e in entries if "encrypted" in e.get("attributes", ())}
for e in entries:
    parts = bytes.fromhex(e["path"]).split(b"/")
    for i in range(len(parts) - 1, 0, -1):
        if b"/".join(bytes.fromhex(e["path"]).split(b"/")[:i]) in secret:
            stored = base64.urlsafe_b64decode(parts[i] + b"=" * (-len(parts[i]) % 4))
            assert len(stored) <= 8 + 149
            parts[i] = base64.urlsafe_b64encode(stored[8:]).rstrip(b"=")
    if e["type"] == "l" and "encrypted" in e.get("attributes", ()):
        # Its size and target are those of the name that stands for the stored one.
        e.pop("link")
        e.pop("size")
    e["path"] = b"/".join(parts).hex()
entries.sort(key=lambda e: bytes.fromhex(e["path"]))
for e in entries:
    print(json.dumps(e, separators=(",", ":")))

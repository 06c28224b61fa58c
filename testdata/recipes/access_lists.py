#!/usr/bin/env python3
"""Gives the files of a Windows volume the access lists of Windows Server: access_lists.py FOLDER

FOLDER is the root of the volume, mounted by ntfs-3g. Folders of Windows and programs belong to TrustedInstaller and users may
read and run them (`icacls C:\\Windows\\System32`, `icacls "C:\\Program Files"`); the hives and the folders of the agents are for
SYSTEM and administrators alone; a profile is its user's. ntfs-3g itself lets everybody do everything with what it makes.
"""
import os
import struct
import sys


def sid(text):
    _, revision, authority, *subs = text.split('-')
    return bytes([int(revision), len(subs)]) + int(authority).to_bytes(6, 'big') + b''.join(struct.pack('<I', int(s)) for s in subs)


SYSTEM, ADMINISTRATORS, USERS, CREATOR, PACKAGES = 'S-1-5-18', 'S-1-5-32-544', 'S-1-5-32-545', 'S-1-3-0', 'S-1-15-2-1'
INSTALLER = 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464'
ALL, MODIFY, READ = 0x1F01FF, 0x1301BF, 0x1200A9
GENERIC_ALL, GENERIC_READ = 0x10000000, 0xA0000000
# Handed down to files, to folders, and only that; taken over from the folder above.
INHERIT, ONLY, INHERITED = 3, 8, 0x10
PRESENT, PROTECTED, RELATIVE = 4, 0x1000, 0x8000


def descriptor(entries, owner, protected=False):
    """Entries that allow: (flags, rights, SID); with True behind that they deny."""
    body = b''.join(struct.pack('<BBHI', bool(denies), flags, 8 + len(sid(who)), mask) + sid(who) for flags, mask, who, *denies in entries)
    acl = struct.pack('<BBHHH', 2, 0, 8 + len(body), len(entries), 0) + body
    end = 20 + len(acl)
    control = PRESENT | RELATIVE | (PROTECTED if protected else 0)
    return struct.pack('<BBHIIII', 1, 0, control, end, end + len(sid(owner)), 0, 20) + acl + sid(owner) * 2


OF_WINDOWS = {
    True: descriptor([(INHERIT | ONLY, GENERIC_ALL, CREATOR), (INHERIT | ONLY, GENERIC_ALL, SYSTEM), (0, MODIFY, SYSTEM), (INHERIT | ONLY, GENERIC_ALL, ADMINISTRATORS),
                      (0, MODIFY, ADMINISTRATORS), (INHERIT | ONLY, GENERIC_READ, USERS), (0, READ, USERS), (ONLY | 2, GENERIC_ALL, INSTALLER), (0, ALL, INSTALLER),
                      (0, READ, PACKAGES), (INHERIT | ONLY, GENERIC_READ, PACKAGES)], INSTALLER, True),
    False: descriptor([(0, READ, ADMINISTRATORS), (0, READ, SYSTEM), (0, READ, USERS), (0, ALL, INSTALLER), (0, READ, PACKAGES)], INSTALLER, True),
}
PRIVATE = {
    True: descriptor([(INHERIT | ONLY, ALL, CREATOR), (INHERIT, ALL, SYSTEM), (INHERIT, ALL, ADMINISTRATORS)], ADMINISTRATORS, True),
    False: descriptor([(INHERITED, ALL, SYSTEM), (INHERITED, ALL, ADMINISTRATORS)], ADMINISTRATORS),
}
# What programs in Program Files take over.
INSTALLED = {
    True: descriptor([(INHERITED, ALL, INSTALLER), (INHERIT | INHERITED, ALL, SYSTEM), (INHERIT | INHERITED, ALL, ADMINISTRATORS), (INHERIT | INHERITED, READ, USERS)], ADMINISTRATORS),
    False: descriptor([(INHERITED, ALL, SYSTEM), (INHERITED, ALL, ADMINISTRATORS), (INHERITED, READ, USERS)], ADMINISTRATORS),
}


def kind(path):
    """By the path with slashes, from the root."""
    path = path.lower()
    if path.startswith(('windows/system32/config', 'winagent', 'win-agent', 'users/administrator', 'boot', 'bootmgr')):
        return PRIVATE
    if path in ('program files', 'program files (x86)') or path.split('/')[0] == 'windows':
        return OF_WINDOWS
    return INSTALLED


def main(root):
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            full = os.path.join(folder, name)
            os.setxattr(full, 'system.ntfs_acl', kind(os.path.relpath(full, root))[name in folders])


if __name__ == '__main__':
    main(sys.argv[1])

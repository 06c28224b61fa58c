#!/usr/bin/env python3
"""Changes a raw Windows demonstration disk (demo-windows.sh) in one way.

    windows_changes.py --list              one change a line: area, name, check, place and why, parted by tabs
    windows_changes.py DISK.raw CHANGE     changes DISK.raw in place

Beside each change stands in one line what it does and why that takes effect on a real Windows. The check is the one of the
policy that has to tell it, the place a text that its evidence has to hold: a path, a key, a value or a name. The changes of the
area `usual` are honest: no check may tell more than on the clean disk, but one that may warn. Needs: what windows_disk.py needs.
"""
import importlib
import sys

sys.dont_write_bytecode = True
from windows_disk import Disk  # noqa: E402  (beside this file)

AREAS = ('services', 'cloudbase', 'first_boot', 'boot', 'ring0', 'accounts', 'access', 'defence', 'network', 'desktop', 'autostarts', 'libraries', 'named', 'beside', 'system_files', 'classes', 'tasks',
         'authorities', 'rights', 'leftovers', 'usual')


def main():
    changes = {}
    for area in AREAS:
        for name, change in importlib.import_module(f'windows_areas.{area}').change.items():
            assert name not in changes, name
            changes[name] = area, change
    if sys.argv[1:] == ['--list']:
        for name, (area, change) in changes.items():
            print(area, name, change.check or '-', change.place or '-', change.why, sep='\t')
        return
    with Disk(sys.argv[1]) as disk:
        changes[sys.argv[2]][1].make(disk)


if __name__ == '__main__':
    main()

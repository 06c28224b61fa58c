#!/usr/bin/python3
"""Changes a raw Debian disk (debian-disk.sh) in one way, without mounting it.

    tamper_systems.py --list               area, name and base of each recipe, one a line
    tamper_systems.py DISK.raw RECIPE      changes DISK.raw in place and prints what a scanner has to find

Each recipe prints a line `CHECK PATH [LINE]`: the check of the policy that has to name the place; the path `disk` stands for
what is in no volume. The base is the disk that a recipe changes: `debian`, as debian-disk.sh makes it, or `bios`, which
bios-disk.sh makes of that. A recipe says beside it why the change takes effect on a real system: the manual page or program.
Needs: what tamper_disk.py needs.
"""
import importlib
import sys

from tamper_disk import Disk

AREAS = ('boot', 'mounts', 'kernel', 'modules', 'initramfs', 'arguments', 'agents', 'accounts', 'network', 'time', 'starts')


def main():
    recipes = {}
    for area in AREAS:
        for name, change in importlib.import_module(f'tamper_areas.{area}').recipe.items():
            assert name not in recipes, name
            recipes[name] = area, change
    if sys.argv[1:] == ['--list']:
        for name, (area, _) in recipes.items():
            print(area, name, importlib.import_module(f'tamper_areas.{area}').recipe.base_of(name))
        return
    print(*(part for part in recipes[sys.argv[2]][1](Disk(sys.argv[1])) if part is not None))


if __name__ == '__main__':
    main()

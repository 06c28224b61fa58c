"""Line coverage from a file of llvm-cov (lcov form), without the code of tests.

Code of tests is: a file whose module is declared under `#[cfg(test)]`, with all modules below it, and an
item under `#[cfg(test)]` in another file.
"""
import collections
import os
import re
import sys

SOURCES = re.compile(r'.*/(crates/imgscan-(?:core|cli)/src/.*\.rs)$')


def test_code(path):
    """Numbers of the lines of tests in a file, and the modules of tests that lie in other files."""
    with open(path, encoding='utf-8') as file:
        lines = file.read().splitlines()
    numbers, modules, at = set(), set(), 0
    while at < len(lines):
        if lines[at].strip() == '#[cfg(test)]':
            indent = lines[at][:len(lines[at]) - len(lines[at].lstrip())]
            start, other_file = at, None
            at += 1
            while lines[at].strip().startswith('#['):
                other_file = re.search(r'path = "([^"]+)"', lines[at]) or other_file
                at += 1
            declared = re.match(r'\s*(?:pub(?:\([^)]*\))? )?mod (\w+);', lines[at])
            if declared:
                folder, name = os.path.split(path)
                if other_file:
                    modules.add(os.path.join(folder, other_file[1]))
                else:
                    stem = folder if name in ('mod.rs', 'lib.rs', 'main.rs') else path[:-3]
                    modules.update((f'{stem}/{declared[1]}.rs', f'{stem}/{declared[1]}/'))
            elif not lines[at].rstrip().endswith(';'):
                while at < len(lines) and not re.match(re.escape(indent) + r'[})\]];?$', lines[at]):
                    at += 1
            numbers.update(range(start + 1, at + 2))
        at += 1
    return numbers, modules


runs = collections.defaultdict(dict)   # file → line → how often it ran
with open(sys.argv[1], encoding='utf-8') as file:
    for line in file:
        if line.startswith('SF:'):
            match = SOURCES.match(line[3:].strip())
            source = match and match[1]
        elif line.startswith('DA:') and source:
            number, count = map(int, line[3:].split(',')[:2])
            runs[source][number] = max(count, runs[source].get(number, 0))

skipped, tests = {}, set()
for source in runs:
    skipped[source], modules = test_code(source)
    tests |= modules
stations = collections.defaultdict(lambda: [0, 0])
for source, lines in runs.items():
    if source in tests or any(module.endswith('/') and source.startswith(module) for module in tests):
        continue
    station = re.sub(r'^crates/imgscan-(core|cli)/src/', r'\1 ', source).split('/')[0].removesuffix('.rs')
    for number, count in lines.items():
        if number not in skipped[source]:
            for total in (stations[station], stations['']):
                total[0] += count > 0
                total[1] += 1
if not stations:
    sys.exit('coverage: no line of the program is in the file')
for station in sorted(stations, key=lambda s: (s == '', s)):
    run, lines = stations[station]
    print(f'    {station or "LINE COVERAGE":<20} {100 * run / lines:5.1f} %  {run} of {lines} lines')

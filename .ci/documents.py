"""Every file and folder that a document names is there.

Looked at are links, and words in backquotes that have a slash or end like a file of this repository. They
are relative to the repository, to the document, or to one of the folders below. What begins like a path of
a guest or of a system (`/etc`, `p2:/path`) is none of ours.
"""
import glob
import os
import re
import subprocess
import sys

BASES = ('', 'crates/imgscan-core', 'crates/imgscan-core/src', 'crates/imgscan-cli', 'crates/imgscan-cli/src')
ENDS = ('.md', '.toml', '.rs', '.yaml', '.json', '.py', '.sh', '.ftl', '.lock')
PATH = re.compile(r'(\w|\.ci/)[\w.*+/-]*')
# Made by a build, a run or the user (in capitals), or a name in a matrix or an example.
NOT_KEPT = re.compile(r'(target|fuzz/(corpus|artifacts|target)|[A-Z]+)/|target$|(partition/gpt-array-crc|my-rules\.yaml|imgscan-(report|policy|autoruns|declaration|error)/\d)$')


def named(text):
    """The paths that a document names, with their line."""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith('```'):
            fenced = not fenced
        if fenced:
            continue
        for target in re.findall(r'\]\(([^)#\s]+)[^)]*\)', line):
            if '://' not in target:
                yield number, target
        for word in re.findall(r'`([^`\s]+)`', line):
            if PATH.fullmatch(word) and ('/' in word or word.endswith(ENDS)) and not NOT_KEPT.match(word):
                yield number, word


def there(document, path):
    bases = [os.path.dirname(document), *BASES]
    return any(glob.glob(os.path.join(base, path + end)) for base in bases for end in ('', '.rs'))


documents = subprocess.run(['git', 'ls-files', '-co', '--exclude-standard', '*.md'],
                           capture_output=True, text=True, check=True).stdout.split('\n')
seen, missing = 0, []
for document in filter(os.path.exists, documents):
    with open(document, encoding='utf-8') as file:
        for line, path in named(file.read()):
            seen += 1
            if not there(document, path):
                missing.append(f'{document}:{line}: no file or folder `{path}`')
print('\n'.join(missing) if missing else f'    {seen} paths in {len(documents) - 1} documents are there')
sys.exit(bool(missing) or seen == 0)

#!/usr/bin/env python3
"""Makes testdata/python/*.exe, what pip puts into the folder Scripts: distlib's own maker of scripts writes them, before a stand-in for
its launcher.

    launcher.py OUT

Needs pip, which brings distlib.
"""
import pathlib
import sys
import tempfile

from pip._vendor.distlib import scripts

PYTHON = r'"C:\Program Files\Cloudbase Solutions\Cloudbase-Init\Python\python.exe"'
OWN = r'''import sys
from cloudbaseinit.shell import main
import os; os.system('x')
sys.exit(main())
'''
out = pathlib.Path(sys.argv[1])
out.mkdir(exist_ok=True)
for name, template in (('cloudbase-init', scripts.SCRIPT_TEMPLATE), ('other', OWN)):
    with tempfile.TemporaryDirectory() as tmp:
        maker = scripts.ScriptMaker(None, tmp)
        maker.executable, maker.variants, maker.script_template = PYTHON, {''}, template
        # As on Windows.
        maker._is_nt, maker._get_launcher = True, lambda kind: b'MZ stand-in'
        maker._build_shebang = lambda executable, options: b'#!' + executable + options + b'\n'
        made, = maker.make('x = cloudbaseinit.shell:main')
        (out / f'{name}.exe').write_bytes(pathlib.Path(made).read_bytes())

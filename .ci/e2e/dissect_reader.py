"""What dissect.target reads of a Windows volume, as JSON: services, run values and tasks. Run by a Python that has it.

    dissect_reader.py VOLUME
"""
import json
import sys

from dissect.target import Target

target = Target.open(sys.argv[1])


def text(value):
    return '' if value is None else str(value)


services = {}
for s in target.services():
    services[text(s.name).lower()] = {'type': text(s.type), 'command': ' '.join(filter(None, (text(s.imagepath), text(s.imagepath_args)))), 'library': text(s.servicedll)}
runs = [[text(r.name), text(r.key), text(r.command.executable), [text(a) for a in r.command.args]] for r in (target.runkeys() if target.has_function('runkeys') else ()) if r.command]
tasks = []
if target.has_function('tasks'):
    for record in target.tasks():
        kind = getattr(record, 'action_type', None)
        if kind:
            what = [record.class_id] if record.class_id else [record.command, record.arguments]
            tasks.append([text(record.uri), ' '.join(text(w) for w in what if w)])
json.dump({'services': services, 'runs': runs, 'tasks': tasks}, sys.stdout)

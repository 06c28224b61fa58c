#!/usr/bin/env python3
"""Writes a SYSTEM-like hive of 60,000 keys and 160,000 values: big-hive.py HIVE"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '../testdata/recipes'))
sys.dont_write_bytecode = True
import regf  # noqa: E402

SZ, EXPAND, BINARY, DWORD, MULTI = 1, 2, 3, 4, 7


def device(i, j):
    service = {'@values': [('Type', DWORD, 1), ('Start', DWORD, j % 5), ('ErrorControl', DWORD, 1),
                           ('ImagePath', EXPAND, rf'\SystemRoot\System32\drivers\device{i:03}{j:03}.sys')]}
    return {'@values': [('DeviceDesc', SZ, f'Device {i} of kind {j}'), ('HardwareID', MULTI, [rf'PCI\VEN_{i:04X}&DEV_{j:04X}'] * 4)],
            'Device Parameters': {'@values': [('Settings', BINARY, bytes(range(200))), ('Enabled', DWORD, 1)]},
            'Service': service}


tree = {f'Enum{i:03}': {f'VEN_{i:04X}&DEV_{j:04X}': device(i, j) for j in range(100)} for i in range(200)}
regf.Hive().write(sys.argv[1], {'ControlSet001': tree}, 'SYSTEM')

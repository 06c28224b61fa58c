"""What is unpacked and run before the root file system is there."""
import gzip

from tamper_disk import Recipes, cpio, new_file

recipe = Recipes()


def members(name):
    """A recipe that changes the list of members."""
    def add(f):
        recipe[name] = lambda d: ('LNX-KERNEL-014', d.initramfs(f))
        return f
    return add


def with_data(items, wanted, change):
    assert any(n.lstrip(b'./') == wanted for _, n, _ in items), wanted
    return [(f, n, change(b) if n.lstrip(b'./') == wanted else b) for f, n, b in items]


# An early archive, uncompressed, stands before the packed one; the kernel unpacks both (early-microcode, x86/microcode.rst).
@recipe
def microcode_of_nobody(d):
    early = cpio([new_file('kernel', b'', 0o40755), new_file('kernel/x86', b'', 0o40755), new_file('kernel/x86/microcode', b'', 0o40755),
                  new_file('kernel/x86/microcode/GenuineIntel.bin', bytes(2048), 0o100644)])
    return 'LNX-KERNEL-014', d.put(d.initrd, early + d.read(d.initrd))


@recipe
def early_archive_with_a_script(d):
    return 'LNX-KERNEL-014', d.put(d.initrd, cpio([new_file('conf', b'', 0o40755), new_file('conf/param.conf', b'/x\n', 0o100644)]) + d.read(d.initrd))


# The kernel unpacks one packed archive behind another (initramfs-buffer-format).
@recipe
def second_packed_archive(d):
    more = gzip.compress(cpio([new_file('scripts/init-bottom/ORDER', b'/x\n', 0o100644)]))
    return 'LNX-KERNEL-014', d.put(d.initrd, d.read(d.initrd) + more)


@members('initramfs-loads-a-module')  # load_modules of initramfs-tools reads conf/modules
def _(items):
    return items + [new_file('conf/modules', b'helper\n', 0o100644)]


@members('initramfs-settings')  # init sources conf/conf.d/*
def _(items):
    return items + [new_file('conf/conf.d/x', b'init=/root/.x\n', 0o100644)]


@members('initramfs-settings-of-init-changed')  # init sources conf/initramfs.conf
def _(items):
    return with_data(items, b'conf/initramfs.conf', lambda b: b + b'\n/root/.x\n')


@members('initramfs-configuration-of-modprobe')
def _(items):
    return items + [new_file('etc/modprobe.d/x.conf', b'install ext4 /x\n', 0o100644)]


@members('initramfs-link-of-the-shell')  # a link's content is its target (cpio, newc)
def _(items):
    return items + [new_file('usr/bin/sh.real', b'#!/x', 0o100755), new_file('usr/bin/sh', b'sh.real', 0o120777)]


@members('initramfs-second-init')  # the last of two members of one name is what is left
def _(items):
    return items + [new_file('init', b'#!/bin/sh\n/x\n')]


@members('initramfs-init-by-a-detour')  # the kernel takes `..` as any path does
def _(items):
    return items + [new_file('scripts/../init', b'#!/bin/sh\n/x\n')]


@members('initramfs-name-with-a-nul')  # the kernel's name ends at the first NUL
def _(items):
    return items + [new_file('init\0/../../usr/bin/cat', b'#!/bin/sh\n/x\n')]


@members('initramfs-init-through-a-hard-link')  # of linked members the last holds the data (init/initramfs.c, maybe_link)
def _(items):
    link = new_file('init', b'')
    link[0][0], link[0][4] = 7777, 2
    data = new_file('zzz', b'#!/bin/sh\n/x\n')
    data[0][0], data[0][4] = 7777, 2
    return items + [link, data]


@members('initramfs-rule-of-udev')
def _(items):
    return items + [new_file('usr/lib/udev/rules.d/99-x.rules', b'RUN+="/x"\n', 0o100644)]


@members('initramfs-order-of-scripts')  # the ORDER file is what is run, not the folder (scripts/functions, run_scripts)
def _(items):
    return with_data(items, b'scripts/init-bottom/ORDER', lambda b: b + b'/root/root/.x\n')


@members('initramfs-library')
def _(items):
    return with_data(items, b'usr/lib/x86_64-linux-gnu/libc.so.6', lambda b: b[:-1] + bytes([b[-1] ^ 1]))


@members('initramfs-preloads-a-library')  # ld.so(8)
def _(items):
    return items + [new_file('etc/ld.so.preload', b'/x.so\n', 0o100644)]


@members('initramfs-fstab')  # scripts/functions read_fstab_entry mounts /usr by it
def _(items):
    return with_data(items, b'etc/fstab', lambda b: b + b'/dev/vdb1 /usr ext4 defaults 0 0\n')


@members('initramfs-device')  # a device node of the machine's memory (mem(4))
def _(items):
    node = new_file('dev/x', b'', 0o20666)
    node[0][9], node[0][10] = 1, 1
    return items + [node]

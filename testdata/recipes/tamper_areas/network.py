"""Who answers for names."""
from tamper_disk import Recipes

recipe = Recipes()
CHECK = 'LNX-NET-001'
SERVER = 'nameserver 203.0.113.53\n'

# hosts(5) is asked before any server (nsswitch.conf: files dns).
recipe.append('address-of-a-time-server', CHECK, '/etc/hosts', '203.0.113.9 time1.tencentyun.com\n')
recipe.append('agents-server-is-the-machine-itself', CHECK, '/etc/hosts', '127.0.0.1\tlocalhost.x S.YD.tencentyun.com # x\n')
# cloud-init writes /etc/hosts of this file where manage_etc_hosts says so (cc_update_etc_hosts).
recipe.append('address-in-the-template-of-hosts', CHECK, '/etc/cloud/templates/hosts.debian.tmpl', '203.0.113.9 time1.tencentyun.com\n')
# inet_aton(3) reads hexadecimal numbers, and so does the resolver.
recipe.file('name-server-in-hexadecimal', CHECK, '/etc/resolv.conf', 'nameserver 0xcb007135\n', line=1)
# The first three count (resolv.conf(5)); the foreign one is asked where the others are slow.
recipe.file('foreign-server-among-approved-ones', CHECK, '/etc/resolv.conf', 'nameserver 183.60.83.19\n' + SERVER, line=2)
recipe['resolv-conf-is-a-link'] = lambda d: (d.put('/srv/r', SERVER), (CHECK, d.link('/etc/resolv.conf', '/srv/r') and '/srv/r', 1))[1]
recipe['resolv-conf-is-a-link-to-what-is-made-later'] = lambda d: (CHECK, d.link('/etc/resolv.conf', '/run/x/resolv.conf'))


@recipe
def resolv_conf_that_nobody_can_change(d):  # chattr(1), i; 0x80000: extents
    d.put('/etc/resolv.conf', SERVER)
    return CHECK, d.field('/etc/resolv.conf', flags=0x80010), 1


# dhclient.conf(5)
recipe.append('servers-that-stand-for-those-of-dhcp', CHECK, '/etc/dhcp/dhclient.conf', 'supersede domain-name-servers 203.0.113.53;\n')
recipe.append('servers-before-those-of-dhcp', CHECK, '/etc/dhcp/dhclient.conf', 'interface "eth0" {\n  prepend domain-name-servers 203.0.113.53; }\n')
recipe['servers-of-dhcp-by-alias'] = lambda d: (CHECK, d.add('/etc/dhcp/dhclient.conf', 'lease {\n  interface "eth0"; fixed-address 10.0.0.2;\n  option domain-name-servers 203.0.113.53;\n}\n')[0])
# dhclient-script sources these (dhclient-script(8)).
recipe.file('hook-of-dhcp-that-makes-resolv-conf', CHECK, '/etc/dhcp/dhclient-enter-hooks.d/x',
            'make_resolv_conf() { echo nameserver 203.0.113.53 > /etc/resolv.conf; }\n')
recipe.file('hook-of-dhcp-that-changes-the-answer', CHECK, '/etc/dhcp/dhclient-enter-hooks.d/x', 'new_domain_name_servers=203.0.113.53\n', line=1)
recipe.file('hook-of-dhcp-at-its-end', CHECK, '/etc/dhcp/dhclient-exit-hooks.d/x', 'cp /srv/r /etc/resolv.conf\n', line=1)


@recipe
def script_of_dhcp_changed(d):
    text = d.read('/usr/sbin/dhclient-script').decode()
    return CHECK, d.put('/usr/sbin/dhclient-script', text.replace('\n', '\nnew_domain_name_servers=203.0.113.53\n', 1), 0o755)


# interfaces(5): up, post-up and the like run a command.
recipe.file('command-of-an-interface', CHECK, '/etc/network/interfaces.d/x', "iface eth0 inet6 manual\n  post-up echo nameserver 203.0.113.53 > /etc/resolv.conf\n", line=2)
recipe.file('command-when-an-interface-is-up', CHECK, '/etc/network/if-up.d/x', '#!/bin/sh\ncat /srv/r > /etc/resolv.conf\n', 0o755, line=2)
# An approved address on the machine itself: whatever listens there answers (ip-address(8)).
recipe.file('address-of-a-server-on-the-machine', CHECK, '/etc/network/interfaces.d/x', 'auto lo:1\niface lo:1 inet static\n  address 183.60.83.19/32\n', line=3)
recipe['route-to-another-server'] = lambda d: (CHECK, *d.edit('/etc/rc.local', 'exit 0\n', 'ip route add 183.60.83.19/32 via 10.0.0.9\nexit 0\n'))
# systemd-networkd sets addresses too (systemd.network(5)).
recipe['network-of-systemd'] = lambda d: (d.link('/etc/systemd/system/multi-user.target.wants/systemd-networkd.service', '/lib/systemd/system/systemd-networkd.service'),
                                          (CHECK, d.put('/etc/systemd/network/10-x.network', '[Match]\nName=eth0\n[Network]\nDHCP=yes\nDNS=203.0.113.53\n'), 5))[1]
# resolver(5)
recipe.append('options-of-the-resolver', CHECK, '/etc/environment', 'HOSTALIASES=/srv/aliases\n')
recipe['sources-of-names'] = lambda d: (d.put('/usr/lib/x86_64-linux-gnu/libnss_x.so.2', d.read('/usr/bin/true')),
                                        (CHECK, *d.edit('/etc/nsswitch.conf', 'hosts:          files dns\n', 'hosts:          x [!UNAVAIL=return] dns\n')))[1]
# What runs at boot
recipe['unit-that-writes-resolv-conf'] = lambda d: (CHECK, *d.once("/bin/sh -c 'echo nameserver 203.0.113.53 > /etc/resolv.conf'"))
recipe['script-in-python-that-writes-resolv-conf'] = lambda d: (d.once('/opt/x'), (CHECK, d.put('/opt/x', '#!/usr/bin/python3\nopen("/etc/resolv.conf", "w").write("nameserver 203.0.113.53")\n', 0o755), 2))[1]
recipe.file('cron-that-writes-resolv-conf', CHECK, '/etc/cron.d/x', '@reboot root cp /srv/r /etc/resolv.conf\n', line=1)
recipe.file('tmpfiles-that-link-resolv-conf', CHECK, '/etc/tmpfiles.d/x.conf', 'L+ /etc/resolv.conf - - - - /srv/r\n', line=1)
recipe.file('tmpfiles-that-write-resolv-conf', CHECK, '/etc/tmpfiles.d/x.conf', 'f+ /etc/resolv.conf 0644 root root - nameserver\\x20203.0.113.53\n', line=1)
recipe.file('cloud-init-that-writes-resolv-conf', CHECK, '/etc/cloud/cloud.cfg.d/99-x.cfg', '#cloud-config\nwrite_files:\n - {path: /etc/resolv.conf, content: "nameserver 203.0.113.53"}\n')
recipe.file('network-of-cloud-init', CHECK, '/etc/cloud/cloud.cfg.d/99-x.cfg',
            'network:\n  version: 1\n  config:\n  - {type: physical, name: eth0, subnets: [{type: dhcp}]}\n  - {type: nameserver, address: [203.0.113.53]}\n')
recipe.file('network-of-a-seed', CHECK, '/var/lib/cloud/seed/nocloud/network-config', 'version: 2\nethernets:\n  eth0:\n    dhcp4: true\n    nameservers: {addresses: [203.0.113.53]}\n')
# A unit of type path starts its service when a file changes (systemd.path(5)).
recipe['path-unit-that-writes-resolv-conf'] = lambda d: (
    d.put('/etc/systemd/system/x.service', '[Service]\nExecStart=/bin/cp /srv/r /etc/resolv.conf\n'),
    d.unit('x.path', '[Path]\nPathExists=/etc/resolv.conf\n', 'paths.target'), (CHECK, '/etc/systemd/system/x.service', 2))[2]
# /etc/profile.d is sourced by each login of root (bash(1)).
recipe.file('login-that-writes-resolv-conf', CHECK, '/etc/profile.d/x.sh', '[ -w /etc/resolv.conf ] && echo nameserver 203.0.113.53 > /etc/resolv.conf\n', line=1)
# DNAT in a script: nft is no package of the disk, but a script may bring its own.
recipe['rule-of-the-packet-filter'] = lambda d: (CHECK, *d.edit('/etc/rc.local', 'exit 0\n', '/opt/nft add rule ip nat output udp dport 53 dnat to 203.0.113.53\nexit 0\n'))

"""Whose time the machine takes."""
import re

from tamper_disk import Recipes

recipe = Recipes()
CHECK, CONF = 'LNX-TIME-001', '/etc/chrony/chrony.conf'


def conf(name, old, new):
    """A recipe that changes chrony.conf(5) by a pattern; the place is the first line that differs."""
    def f(d):
        text = d.read(CONF).decode()
        done = re.sub(old, new, text)
        assert done != text
        d.put(CONF, done)
        return CHECK, CONF, next(i for i, (a, b) in enumerate(zip(text.splitlines(), done.splitlines()), 1) if a != b)
    recipe[name] = f


# chrony.conf(5) of chrony 4.3 throughout; chronyd was asked where the page is not clear.
conf('servers-of-somebody-else', r'time(\d)\.tencentyun\.com', r'time\1.example.org')
conf('servers-by-address', r'time(\d)\.tencentyun\.com', r'203.0.113.\1')
conf('servers-that-are-never-selected', r'iburst', 'iburst noselect')
conf('servers-that-are-offline', r'iburst', 'iburst offline')
conf('servers-with-an-offset', r'iburst', 'iburst offset 3600')
conf('servers-at-another-port', r'iburst', 'iburst port 1123')
conf('servers-whose-answers-are-too-late', r'iburst', 'iburst maxdelay 0.0000001')        # every sample is dropped
conf('servers-asked-every-half-year', r'iburst', 'minpoll 24 maxpoll 24')                # 2^24 seconds
conf('majority-of-others', r'server time[2345]\.tencentyun\.com', 'server ntp.example.org')

# chronyd reads conf.d/*.conf and sources.d/*.sources (Debian's chrony.conf).
recipe.file('server-that-is-trusted', CHECK, '/etc/chrony/conf.d/x.conf', 'server ntp.example.org iburst prefer trust\n', line=1)
recipe.file('servers-in-the-folder-of-sources', CHECK, '/etc/chrony/sources.d/x.sources', 'pool ntp.example.org iburst maxsources 16 prefer\n', line=1)
recipe.file('clock-in-shared-memory', CHECK, '/etc/chrony/conf.d/x.conf', 'refclock SHM 0 refid X prefer\n', line=1)
recipe.file('clock-that-sets-itself', CHECK, '/etc/chrony/conf.d/x.conf', 'manual\nallow 127.0.0.1\n', line=1)
# Sources whose root distance is above the limit are not selected.
recipe.file('no-source-is-near-enough', CHECK, '/etc/chrony/conf.d/x.conf', 'maxdistance 0.0000001\n', line=1)
recipe.file('no-source-is-steady-enough', CHECK, '/etc/chrony/conf.d/x.conf', 'maxjitter 0.000000001\n', line=1)
# Requests go out by the loopback interface only.
recipe.file('questions-by-the-loopback', CHECK, '/etc/chrony/conf.d/x.conf', 'bindacqdevice lo\n', line=1)
recipe.file('questions-from-the-loopback', CHECK, '/etc/chrony/conf.d/x.conf', 'bindacqaddress 127.0.0.1\n', line=1)
# chronyd ends where it has no such account, or can't write there.
recipe.file('account-of-chrony-is-missing', CHECK, '/etc/chrony/conf.d/x.conf', 'user nosuchuser\n', line=1)
# A larger change than that and chronyd ends.
recipe.file('chrony-ends-at-a-change', CHECK, '/etc/chrony/conf.d/x.conf', 'maxchange 0.000001 0 0\n', line=1)
# The frequency is changed by what a file says.
recipe.file('clock-led-by-a-file', CHECK, '/etc/chrony/conf.d/x.conf', 'tempcomp /srv/x 30 0 100.0 0.0 0.0\n', line=1)
# A word that chronyd does not know ends it ("Invalid directive").
recipe.file('word-that-chrony-does-not-know', CHECK, '/etc/chrony/conf.d/x.conf', 'nosuchdirective 1\n', line=1)
# The slew is so slow that an offset is never mended.
recipe.file('clock-that-is-never-mended', CHECK, '/etc/chrony/conf.d/x.conf', 'maxslewrate 0.0001\nmakestep 1 0\n', line=1)
recipe.file('authentication-required', CHECK, '/etc/chrony/conf.d/x.conf', 'authselectmode require\n', line=1)
recipe.file('more-sources-than-there-are', CHECK, '/etc/chrony/conf.d/x.conf', 'minsources 9\n', line=1)


def option(name, words):
    """A recipe with other options; the daemon is named by what enables it."""
    recipe[name] = lambda d: (d.edit('/etc/default/chrony', 'DAEMON_OPTS="-F 1"', f'DAEMON_OPTS="{words}"'),
                              (CHECK, '/etc/systemd/system/multi-user.target.wants/chrony.service'))[1]


# chronyd(8); chrony.service gives DAEMON_OPTS.
option('chrony-leaves-the-clock', '-F 1 -x')
option('chrony-with-another-file', '-F 1 -f /srv/c')
option('chrony-for-a-minute', '-F 1 -t 60')
option('chrony-asks-once', '-q')


@recipe
def chrony_masked(d):
    d.link('/etc/systemd/system/chrony.service', '/dev/null')
    return CHECK, CONF


@recipe
def chrony_wanted_by_nobody(d):
    d.remove('/etc/systemd/system/multi-user.target.wants/chrony.service')
    return CHECK, CONF


recipe['chrony-under-a-condition'] = lambda d: (d.put('/etc/systemd/system/chrony.service.d/x.conf', '[Unit]\nConditionPathExists=/srv/no\n'), (CHECK, CONF))[1]
recipe.file('chrony-without-a-network', CHECK, '/etc/systemd/system/chrony.service.d/x.conf', '[Service]\nPrivateNetwork=yes\n', line=2)
recipe.file('chrony-that-may-not-send', CHECK, '/etc/systemd/system/chrony.service.d/x.conf', '[Service]\nIPAddressDeny=any\n', line=2)
# adjtimex(2) is refused.
recipe.file('chrony-that-may-not-set', CHECK, '/etc/systemd/system/chrony.service.d/x.conf', '[Service]\nCapabilityBoundingSet=\n', line=2)
recipe.file('clock-set-by-cron', CHECK, '/etc/cron.d/x', '*/5 * * * * root date -s "-1 hour"\n', line=1)
recipe.file('chrony-stopped-by-cron', CHECK, '/etc/cron.d/x', '@reboot root systemctl stop chrony\n', line=1)
recipe.file('chrony-told-otherwise-when-the-network-is-up', CHECK, '/etc/network/if-up.d/x', '#!/bin/sh\nchronyc add server ntp.example.org prefer\n', 0o755, line=2)
recipe.file('sources-written-by-a-hook-of-dhcp', CHECK, '/etc/dhcp/dhclient-exit-hooks.d/x', 'echo "server ntp.example.org prefer" > /run/chrony-dhcp/x.sources\n', line=1)
recipe.file('servers-of-cloud-init', CHECK, '/etc/cloud/cloud.cfg.d/99-x.cfg', '#cloud-config\nntp:\n  enabled: true\n  servers: [ntp.example.org]\n')


@recipe
def chrony_that_is_another_program(d):
    # The name is enabled by a link already, and that is the place which starts it.
    d.put('/etc/systemd/system/chrony.service', '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n')
    return CHECK, '/etc/systemd/system/multi-user.target.wants/chrony.service'


@recipe
def chronyd_is_a_script(d):
    return CHECK, d.put('/usr/sbin/chronyd', '#!/bin/sh\nexec sleep infinity\n', 0o755)


# chronyd ends where it can't write its number there.
recipe.file('number-of-chrony-nowhere', CHECK, '/etc/chrony/conf.d/x.conf', 'pidfile /srv/no/x\n', line=1)
# Updates whose skew is larger are thrown away.
recipe.file('no-update-is-sure-enough', CHECK, '/etc/chrony/conf.d/x.conf', 'maxupdateskew 0.0000001\n', line=1)

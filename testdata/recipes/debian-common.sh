# What the recipes of Debian disks share; they source this file. Each function takes the folder of the root first.

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# The archive as this machine's apt knows it: every Debian source of that suite, its updates and
# its security archive. Where apt is set to another suite, its host serves this one too.
archive() {
  apt-get indextargets --format '$(REPO_URI) $(RELEASE)' \
    'Created-By: Packages' 'Origin: Debian' 'Component: main' | sort -u
}
archive_list() { # SUITE
  local uri release found=no
  while read -r uri release; do
    case $release in "$1"|"$1"-updates|"$1"-security) ;; *) continue ;; esac
    echo "deb [signed-by=$keyring] $uri $release main"
    [[ $release != "$1" ]] || found=yes
  done < <(archive)
  if [[ $found = no ]]; then
    uri=$(archive | awk '$2 !~ /-security/ {print $1; exit}')
    [[ -n $uri ]] || { echo "apt knows no Debian archive here" >&2; exit 2; }
    echo "deb [signed-by=$keyring] $uri $1 main"
  fi
}

# What an image builder sets. An image's own archive is the cloud's; which one says nothing about the image.
settings() { # ROOT HOSTNAME
  local root=$1
  rm -f "$root"/etc/apt/sources.list.d/*
  echo '# written by cloud-init at first boot' > "$root/etc/apt/sources.list"
  rm -f "$root/etc/hostname"; echo "$2" > "$root/etc/hostname"
  printf '127.0.0.1\tlocalhost\n127.0.1.1\t%s\n' "$2" > "$root/etc/hosts"
  cat > "$root/etc/network/interfaces" <<'E'
source /etc/network/interfaces.d/*
auto lo
iface lo inet loopback
allow-hotplug eth0
iface eth0 inet dhcp
E
  chroot "$root" passwd -q -l root
  rm -f "$root"/etc/ssh/ssh_host_*_key "$root"/etc/ssh/ssh_host_*_key.pub
  : > "$root/etc/machine-id"; rm -f "$root/var/lib/dbus/machine-id"
  rm -f "$root"/var/log/{dpkg.log,bootstrap.log,alternatives.log} "$root"/var/log/apt/*
  rm -f "$root/var/cache/ldconfig/aux-cache" "$root"/etc/*- "$root/etc/resolv.conf"
}

# The cloud's resolvers and time servers, and stand-ins of its agents with what starts them.
plant_agents() { # ROOT
  local root=$1 n f
  printf 'nameserver 183.60.83.19\nnameserver 183.60.82.98\n' > "$root/etc/resolv.conf"
  sed -i -e '/^pool /d' -e '/^server /d' "$root/etc/chrony/chrony.conf"
  for n in 1 2 3 4 5; do echo "server time$n.tencentyun.com iburst"; done >> "$root/etc/chrony/chrony.conf"

  standin() { install -D -m 755 "$root/bin/true" "$root$1"; }
  script() { install -D -m 755 /dev/stdin "$root$1"; }
  standin /usr/local/sa/agent/secu-tcs-agent
  script /usr/local/sa/agent/secu-tcs-agent-mon-safe.sh <<'E'
#!/bin/sh
pgrep -x secu-tcs-agent >/dev/null || /usr/local/sa/agent/secu-tcs-agent
E
  for f in agent agentPlugInD base tcvmstat sysddd; do standin /usr/local/agenttools/agent/$f; done
  touch "$root"/usr/local/agenttools/agent/{client,base}.conf
  script /usr/local/agenttools/agent/startagent.sh <<'E'
#!/bin/sh
cd /usr/local/agenttools/agent && ./agent -c client.conf
E
  standin /usr/local/qcloud/monitor/barad/barad_agent
  standin /usr/local/qcloud/stargate/bin/sgagent
  script /usr/local/qcloud/stargate/admin/start.sh <<'E'
#!/bin/sh
/usr/local/qcloud/stargate/bin/sgagent -d
E
  echo '* * * * * /usr/local/sa/agent/secu-tcs-agent-mon-safe.sh > /dev/null 2>&1' > "$root/var/spool/cron/crontabs/root"
  chroot "$root" sh -c 'cd /var/spool/cron/crontabs && chown root:crontab root && chmod 600 root'
  echo '* * * * * root flock -xn /tmp/stargate.lock -c /usr/local/qcloud/stargate/admin/start.sh > /dev/null 2>&1 &' \
    > "$root/etc/cron.d/sgagenttask"
  script /etc/rc.local <<'E'
#!/bin/sh -e
# ADDAGENTSTART
/usr/local/agenttools/agent/startagent.sh
exit 0
E
}

grub_defaults() { # ROOT
  sed -i 's/^GRUB_TIMEOUT=.*/GRUB_TIMEOUT=1/; s/^GRUB_CMDLINE_LINUX=.*/GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200"/' "$1/etc/default/grub" 2>/dev/null ||
    cat > "$1/etc/default/grub" <<'E'
GRUB_DEFAULT=0
GRUB_TIMEOUT=1
GRUB_DISTRIBUTOR=`lsb_release -i -s 2> /dev/null || echo Debian`
GRUB_CMDLINE_LINUX_DEFAULT="quiet"
GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200"
E
}

# grub-mkconfig asks grub-probe about the devices below / and /boot. They do not exist yet, so for this one
# call a small program answers what they will be.
probe() { # ROOT TABLE ROOT-UUID ROOT-NUMBER [BOOT-UUID BOOT-NUMBER]
  local kind=$2 boot=${5-$3} number=${6-$4} part=gpt
  [[ $kind = gpt ]] || part=msdos
  mv "$1/usr/sbin/grub-probe" "$1/usr/sbin/grub-probe.real"
  cat > "$1/usr/sbin/grub-probe" <<E
#!/bin/sh
of=/ next=
for a; do
  case \$next in t) t=\$a next=; continue;; d) of=\$a next=; continue;; esac
  case \$a in --target=*) t=\${a#--target=};; -t) next=t;; -d|--device) next=d;; --device=*) of=\${a#--device=};; -*) ;; *) of=\$a;; esac
done
uuid=$3 n=$4
case \$of in /boot|/boot/*|/dev/vda$number) uuid=$boot n=$number;; esac
case \$t in
  device) echo /dev/vda\$n ;; fs_uuid) echo \$uuid ;; fs) echo ext2 ;; partmap) echo $kind ;;
  partuuid) echo 0b2e4c57-8f4d-4d0c-a3e1-2d9b6c7f8e0\$n ;; drive) echo "(hd0,$part\$n)" ;;
  compatibility_hint) echo hd0,$part\$n ;; hints_string) echo "--hint-bios=hd0,$part\$n --hint-efi=hd0,$part\$n" ;;
esac
E
  chmod 755 "$1/usr/sbin/grub-probe"
}
probe_back() { mv -f "$1/usr/sbin/grub-probe.real" "$1/usr/sbin/grub-probe"; } # ROOT

# Puts the chain that Debian signs on an EFI system partition: shim, its fallback program, GRUB and its stub.
signed_chain() { # ROOT ESP-IMAGE x64|aa64 UUID FOLDER-OF-GRUB
  local signed=$1/usr/lib/shim image=$2 name=$3 grub
  case $name in x64) grub=x86_64 ;; aa64) grub=arm64 ;; esac
  export MTOOLS_SKIP_CHECK=1
  esp() { mcopy -m -i "$image" "$@"; }
  mmd -i "$image" ::/EFI ::/EFI/debian ::/EFI/BOOT
  esp "$signed/shim$name.efi.signed" "::/EFI/debian/shim$name.efi"
  esp "$signed/shim$name.efi.signed" "::/EFI/BOOT/BOOT${name^^}.EFI"
  esp "$signed/fb$name.efi.signed" "::/EFI/debian/fb$name.efi"
  esp "$signed/fb$name.efi.signed" "::/EFI/BOOT/fb$name.efi"
  esp "$signed/mm$name.efi.signed" "::/EFI/debian/mm$name.efi"
  esp "$signed/mm$name.efi.signed" "::/EFI/BOOT/mm$name.efi"
  esp "$signed/BOOT${name^^}.CSV" "::/EFI/debian/BOOT${name^^}.CSV"
  esp "$1/usr/lib/grub/$grub-efi-signed/grub$name.efi.signed" "::/EFI/debian/grub$name.efi"
  esp - ::/EFI/debian/grub.cfg <<E
search.fs_uuid $4 root 
set prefix=(\$root)'$5'
configfile \$prefix/grub.cfg
E
}

# Every sentence that a person may read, in English. zh.ftl holds the same in Simplified Chinese.
#
# A code never changes its meaning. Codes begin with what they belong to: the id of a check
# (lnx-net-001-…), a family of checks (linux-kernel-…), ring0-…, error-…, ui-….
# Sentences that stand alone begin in lower case where they follow a place or a colon, and have
# no full stop.

### Errors: what they have in common
error = { $detail } ({ $layer }, { $kind })
error-at = { $detail } ({ $layer }, { $kind }, at byte { $at })
error-within = { $place }: { $detail }
error-io = cannot read { $what }: { $why }
error-io-not-found = cannot open { $what }: no such file
error-io-denied = cannot open { $what }: permission denied
error-io-folder = cannot read { $what }: it is a folder
error-io-full = cannot write { $what }: the disk is full
error-io-short = cannot read { $what }: it ends early
error-past-end = { $bytes } bytes are read across the end at byte { $size }
error-internal = { $what } stopped by a fault of imgscan: { $text }
layer-source = file of this machine
layer-raw = raw image
layer-qcow2 = qcow2
layer-container = container
layer-gpt = GPT
layer-mbr = MBR
layer-volume = volume
layer-ext = ext file system
layer-ntfs = NTFS
layer-fat = FAT
layer-guest = system
layer-hive = registry hive
layer-event-log = event log
layer-packages = package database
layer-config = configuration
layer-boot = boot configuration
layer-pe = PE image
layer-signature = signature
layer-kernel = kernel image
layer-cpio = cpio archive
layer-policy = policy
kind-io = read error
kind-unsupported = not supported
kind-corrupt = corrupt
kind-denied = refused
kind-limit = limit reached
kind-not-found = not found
kind-notice = notice
kind-internal = fault of imgscan

### Errors: source, container

### Errors: volume

### Errors: ext

### Errors: NTFS

### Errors: FAT and file systems in common

### Errors: hive

### Errors: event logs

### Errors: guest

### Errors: packages, rpm, baseline

### Errors: trust (signatures, kernels, archives)
error-signature-digest-refused = a signature by { $key } with { $digest } proves nothing: the digest is not accepted with this key
error-signature-key-short = a signature by { $key } with { $digest } proves nothing: the key has fewer than { $bits } bits
error-signature-key-exponent = a signature by { $key } proves nothing: the public exponent has more than { $bits } bits
error-signature-key-unsound = a signature by { $key } proves nothing: the key is not valid
error-signature-curve = keys on curve { $curve } are not verified by this version
error-module-unread = the module, or the keys that it is judged by, could not be read

### Errors: evidence, Linux

### Errors: evidence, Windows

### Ring 0: levels and their reasons

### Evidence in words, Linux

### Evidence in words, Windows

### Policies: loading and checking

### Checks in common
check-gaps = { $count ->
    [one] it can't be told, because { $place } could not be read
   *[other] it can't be told, because { $count } parts could not be read, the first { $place }
 }
check-gaps-nowhere = { $count ->
    [one] it can't be told, because a part could not be read
   *[other] it can't be told, because { $count } parts could not be read
 }
check-no-such-test = the policy names the test { $test }, which does not exist
check-bad-parameter = the policy's parameter { $path } does not fit: { $problem }
check-error = the check failed: { $error }
check-no-system = no operating system was found in what could be read of the image
check-other-system = the rule is for another operating system
fix-gap-unsupported = Store the parts that were not read in a form that imgscan reads (no encryption, a supported file system), and scan again
fix-gap-limit = Remove what goes beyond the limits (see the parts that were not read), and scan again
fix-gap-io = Make the image file readable, and scan again
fix-gap-corrupt = Repair the parts that were not read (check the file systems, shut the system down cleanly), build the image again, and scan again
secret-masked = { $count ->
    [one] <masked, 1 character>
   *[other] <masked, { $count } characters>
 }
fix-more = Do the same for the other items that are listed

### Checks: whole image
meta-001-title = The whole image could be read
meta-001-fix = Make the listed parts readable (no encryption, supported file systems, a clean shutdown), and build the image again
meta-001-warn = { $count ->
    [one] 1 part of the image could not be read
   *[other] { $count } parts of the image could not be read
 }
meta-001-pass = every volume was read
meta-003-title = The system was shut down before its disk was copied
meta-003-fix = Shut the system down (Linux: poweroff, Windows: shutdown /s /t 0), and make the image from its disk again
meta-003-warn = { $count ->
    [one] 1 sign shows that the system was running when its disk was copied
   *[other] { $count } signs show that the system was running when its disk was copied
 }
meta-003-pass = nothing shows that the system was running when its disk was copied
meta-003-no-volumes = the volumes of this system are not known
meta-003-unmounted = { $kind }: closed cleanly
meta-003-mounted = the file system was in use
meta-003-closed = closed cleanly
meta-003-left-over = only a running system makes this
meta-003-absent = does not exist
meta-003-present = exists
meta-003-shutdown = the last start or stop is a shutdown: record { $record } of { $records }
meta-003-no-shutdown = no shutdown follows the last start
meta-003-reboot = reboot, record { $record } of { $records }
meta-003-journal = the journal of systemd is not read
meta-003-hive = the hive was in use
meta-003-equal-numbers = equal sequence numbers
meta-003-event = event { $id }, record { $record }, { $time }
meta-003-stop-event = the last start or stop is a stop: { $event }
meta-003-no-stop-event = no stop follows the last start
meta-003-stop-wanted = event { $id }

### Checks: Linux agents
lnx-agent-001-title = The host security agent is installed and starts by itself
lnx-agent-001-fix = Install the host security agent (YunJing) again from the console before the image is made, and keep its lines in crontab or rc.local
lnx-agent-002-title = The monitoring agent is installed and starts by itself
lnx-agent-002-fix = Install the monitoring agent (barad_agent and stargate) again with the official installer, and keep /etc/cron.d/sgagenttask
linux-agent-complete = { $agent } is installed and starts by itself
linux-agent-modern = { $agent } is installed and starts by itself (it is newer than the agent that the guide names)
linux-agent-incomplete = { $agent } starts by itself, but the program that watches over it is missing
linux-agent-conditional = { $agent } is installed, but starts only under a condition that is known at run time
linux-agent-runner-disabled = { $agent } is installed and has a start line, but the daemon that would run the line is not enabled
linux-agent-not-started = { $agent } is installed, but nothing starts it
linux-agent-broken = the folder of { $agent } exists, but its program is missing or can't run
linux-agent-optional = the agent is not installed, and the policy does not ask for it
linux-agent-absent = not installed: { $agents }
linux-agent-program = a program of the agent
linux-agent-no-program = the folder holds no program of this agent
linux-agent-unusable = this program of the agent can't be used: { $why }
linux-agent-expected-elf = an executable ELF program owned by root
linux-agent-expected-file = an executable file owned by root
linux-agent-size = { $size ->
    [one] 1 byte
   *[other] { $size } bytes
 }
linux-agent-size-and-mode = { $size ->
    [one] 1 byte
   *[other] { $size } bytes
 }, mode { $mode }
linux-agent-other-program = it is a symbolic link to another program
linux-agent-not-regular = it is not a regular file
linux-agent-empty = it is empty
linux-agent-not-executable = it is not executable
linux-agent-not-of-root = it is not owned by root
linux-agent-other-processor = it is built for another processor
linux-agent-not-elf = it is not an ELF program
linux-agent-not-a-program = it is neither an ELF program nor a script
linux-agent-starts = starts the agent
linux-agent-starts-conditionally = starts the agent only under a condition that is known at run time
linux-agent-does-not-start = does not start the agent: { $why }
linux-agent-expected-start = an active start line
linux-agent-other-boot = this argument of the default kernel changes what starts
linux-agent-no-such-argument = no such argument
linux-agent-fix-install = Install { $agent } again with the provider's installer, so that all of its programs are in { $folder }
linux-agent-fix-start = Make the line { $place } start { $agent } again: { $command }
linux-agent-fix-runner = Enable the daemon that runs the line { $place } (for crontabs: systemctl enable cron, or crond)
linux-agent-fix-condition = Let the line { $place } run without a condition: { $command }
linux-agent-fix-argument = Remove { $argument } from the kernel's arguments at { $place }
linux-start-commented = it is commented out
linux-start-after-exit = it comes after an unconditional exit
linux-start-condition-false = its condition does not hold
linux-start-not-called = it is in a function that nothing calls
linux-start-no-shell = no shell reads it (see the script's first line, or SHELL in the crontab)
linux-start-bad-schedule = its schedule never comes, or cron refuses it
linux-start-here-document = it is text of a here-document, not a command
linux-start-not-executable = its file is not executable
linux-start-file-ignored = cron ignores its file because of the name, the owner or the permissions
linux-start-no-such-user = its user does not exist
linux-start-wrong-place = this system does not run the file in this place
linux-start-not-enabled = its unit is not enabled
linux-start-masked = its unit is masked
linux-start-runner-disabled = the daemon that would run it is not enabled
linux-start-no-program = { $program } is missing or empty
linux-start-leads-out = { $program } leads out of the agent's folder, to { $path }
linux-start-program-not-executable = { $program } is not executable
linux-start-not-root = it runs as { $user }, not as root
linux-start-stub = { $program } is a script that starts nothing

### Checks: Linux network and time
lnx-net-001-title = Name servers are those of the provider, or come by DHCP
lnx-net-001-fix = Delete the name servers that are set in the image, so that DHCP gives them
lnx-net-001-expected = an approved name server ({ $approved })
lnx-net-001-stub = the resolver of the machine itself
lnx-net-001-approved = approved ({ $region })
lnx-net-001-fallback = not approved, and used only as a fallback
lnx-net-001-left-over = not approved, left over in a file that is written anew at boot
lnx-net-001-foreign = not approved
lnx-net-001-keeps-dhcp-out = this line keeps out the name servers of DHCP: { $line }
lnx-net-001-immutable = the file is immutable (attribute i)
lnx-net-001-script = this script belongs to no package and writes the name servers
lnx-net-001-fail-immutable = resolv.conf names name servers that are not approved, and is immutable
lnx-net-001-fail = { $count ->
    [one] the only name server that is set is not approved
   *[other] none of the { $count } name servers that are set is approved
 }
lnx-net-001-unknown-script = a script that belongs to no package writes the name servers, so they can't be told
lnx-net-001-unknown-stub = a resolver on the machine answers, and which servers it asks can't be told
lnx-net-001-warn-mixed = { $count } of { $total } name servers are not approved
lnx-net-001-warn-misprint = the only address that is set is the one that the guide misprints; the provider itself uses another
lnx-net-001-warn-kept-out = no name server is set, and those of DHCP are kept out
lnx-net-001-warn-weak = a name server that is not approved is left as a fallback, or in a file that is written anew at boot
lnx-net-001-warn-not-static = name servers come by DHCP, but the policy wants them set
lnx-net-001-pass-dhcp = no name server is set; DHCP or cloud-init gives them
lnx-net-001-pass = every name server that is set is approved
lnx-net-001-fix-server = Remove { $address } at { $place }, or replace it by an approved address ({ $approved })
lnx-net-001-fix-immutable = Make the file changeable again: chattr -i { $file }
lnx-net-001-fix-script = Remove the lines of { $file } that write name servers
lnx-time-001-title = The clock is kept from an approved time server
lnx-time-001-fix = Set the provider's time servers in the time daemon that is installed (for chrony: "server time1.tencentyun.com iburst" in its configuration) and enable it: systemctl enable chronyd
lnx-time-001-expected = an approved time server ({ $approved })
lnx-time-001-active = { $name }: enabled
lnx-time-001-missing = { $name }: enabled, but its program is not in the image
lnx-time-001-inactive = { $name }: not enabled
lnx-time-001-no-server = no server
lnx-time-001-approved = an approved time server
lnx-time-001-foreign = not an approved time server
lnx-time-001-warn-daemons = the clock is kept from an approved server, but { $count } daemons are enabled
lnx-time-001-pass = the clock is kept from an approved server
lnx-time-001-unknown = time servers come by DHCP, which is not part of the image
lnx-time-001-warn-foreign = the clock is kept, but from no approved server
lnx-time-001-warn-missing = a job sets the clock, but its program is not in the image
lnx-time-001-fail = nothing keeps the clock

### Checks: Linux accounts
lnx-acct-001-title = No account can be entered without a password
lnx-acct-001-fix = Lock every account that has no password (passwd -l USER)
lnx-acct-001-expected = a hashed password or a locked account
lnx-acct-001-enters = { $user } has an empty password and a login shell
lnx-acct-001-no-shell = { $user } has an empty password; its shell refuses logins
lnx-acct-001-hash-in-passwd = the password hash of { $user } is in passwd, which everyone can read
lnx-acct-001-backup = { $user } has an empty password in the backup of shadow
lnx-acct-001-nullok = PAM accepts empty passwords (nullok)
lnx-acct-001-no-nullok = no nullok
lnx-acct-001-sshd = sshd accepts empty passwords
lnx-acct-001-fail = { $count ->
    [one] 1 account can be entered without a password
   *[other] { $count } accounts can be entered without a password
 }
lnx-acct-001-unknown = /etc/shadow or /etc/passwd is missing, so it can't be told whether accounts have passwords
lnx-acct-001-warn = no account can be entered without a password, but some settings would allow it
lnx-acct-001-pass = no account has an empty password
lnx-acct-001-fix-lock = Lock the account: passwd -l { $user }
lnx-acct-001-fix-pwconv = Move the hashes into /etc/shadow: pwconv
lnx-acct-001-fix-backup = Delete the backup: rm /etc/shadow-
lnx-acct-001-fix-nullok = Remove nullok from { $file }
lnx-acct-001-fix-sshd = Write "PermitEmptyPasswords no" at { $file }
lnx-acct-001-fix-shadow = Put /etc/passwd and /etc/shadow back into the image (pwconv makes shadow from passwd), and scan again
lnx-acct-003-title = Only root has user id 0, and no account is hidden
lnx-acct-003-fix = Delete the accounts and lines named above
lnx-acct-003-expected = user id 0 for root alone, a visible name and a numeric user id
lnx-acct-003-nis-user = a NIS line admits accounts that are not in the image
lnx-acct-003-nis-group = a NIS line admits groups that are not in the image
lnx-acct-003-second-root = another account has user id 0
lnx-acct-003-root-in-backup = the backup of passwd has another account with user id 0
lnx-acct-003-hidden-name = the account name contains blanks, control characters or invisible characters
lnx-acct-003-no-number = the user id is not a number
lnx-acct-003-same-id = it has the same user id as { $user }
lnx-acct-003-one-each = a user id of its own
lnx-acct-003-member = { $user } belongs to { $group }, whose members can become root
lnx-acct-003-other-source = this source can add accounts, and imgscan does not read it
lnx-acct-003-fail = { $count ->
    [one] 1 entry gives root's power or hides an account
   *[other] { $count } entries give root's power or hide accounts
 }
lnx-acct-003-unknown = /etc/passwd lists no account
lnx-acct-003-warn = only root has user id 0, but some accounts should be looked at
lnx-acct-003-pass = only root has user id 0
lnx-acct-003-fix-user = Delete the account: userdel -f { $user }; where it is needed, give it another user id: usermod -u NEW_UID { $user }
lnx-acct-003-fix-line = Delete the line { $place }
lnx-acct-003-fix-id = Give the account a user id of its own: usermod -u NEW_UID { $user }
lnx-acct-003-fix-member = Remove the account from the group if it need not become root: gpasswd -d { $user } { $group }
lnx-acct-003-fix-passwd = Put /etc/passwd back into the image, and scan again
lnx-acct-004-title = No SSH key is left in the image
lnx-acct-004-fix = Delete the files named above, and unbind key pairs in the console
lnx-acct-004-authorized = the holder of this key can log in
lnx-acct-004-forced = the holder of this key can log in to run one forced command
lnx-acct-004-authority = anyone certified by this authority can log in
lnx-acct-004-private = a private key
lnx-acct-004-no-key-line = a line of this file of authorized keys is not a key
lnx-acct-004-empty-file = a file of authorized keys, without keys
lnx-acct-004-host-key = a host key: all machines made from the image would share it
lnx-acct-004-known-hosts = names of hosts that were visited
lnx-acct-004-command = sshd asks a program for further keys
lnx-acct-004-principals = sshd reads from a file which names certificates may use
lnx-acct-004-not-set = not set
lnx-acct-004-no-key = no key
lnx-acct-004-passphrase = with a passphrase
lnx-acct-004-no-passphrase = without a passphrase
lnx-acct-004-fail = { $count ->
    [one] 1 key is left in the image
   *[other] { $count } keys are left in the image
 }
lnx-acct-004-unknown = no key is left in the image, but sshd asks a program for keys, which can't be run here
lnx-acct-004-warn = no key lets anyone in, but traces of keys are left
lnx-acct-004-pass = no SSH key is left in the image
lnx-acct-004-fix-file = Delete the keys: rm { $file }
lnx-acct-004-fix-setting = Delete the line { $place }

### Checks: Linux kernel

### Checks: Linux modules
linux-modules-none = the kernels that may boot have no modules
linux-modules-not-signed = not signed
linux-modules-signed = signed by { $signer }
linux-modules-bad-signature = the signature by { $signer } does not match
linux-modules-unread-signature = the signature could not be read
linux-modules-fix-reinstall = Install { $package } again: { $command }
linux-modules-fix-delete = Delete the module and update the list of modules: rm { $file } && depmod { $release }
linux-modules-fix-initramfs = Make { $file } again without this module: { $command }
linux-modules-fix-file = Delete the file if nothing needs it: rm { $file }
linux-modules-fix-line = Delete the line { $place } if nothing needs it
lnx-kernel-009-title = Every kernel module is signed by a key of its kernel, or equals the file of its package
lnx-kernel-009-fix = Replace the modules named above by those of the distribution
lnx-kernel-009-expected = signed by a key that is built into its kernel
lnx-kernel-009-changed = the content is not what { $signer } signed
lnx-kernel-009-differs = no key of its kernel signed it, and its content is not what { $package } recorded
lnx-kernel-009-packaged = { $package } owns it, but no key of its kernel signed it
lnx-kernel-009-built = DKMS built it from the sources of { $package }, and no key of its kernel signed it
lnx-kernel-009-unowned = no key of its kernel signed it, and no package owns it
lnx-kernel-009-fail = { $count ->
    [one] 1 module is backed by neither a valid signature nor a package
   *[other] { $count } modules are backed by neither a valid signature nor a package
 }
lnx-kernel-009-warn = { $count ->
    [one] 1 module comes from a package, but no key of its kernel signed it
   *[other] { $count } modules come from packages, but no key of their kernel signed them
 }
lnx-kernel-009-pass = { $count ->
    [one] the only module is signed by a key of its kernel
   *[other] all { $count } modules are signed by keys of their kernel
 }
lnx-kernel-009-pass-no-keys = { $signed } of { $count } modules are signed by keys of their kernel; { $recorded } equal what packages recorded, which is not signed, because no keys were found in their kernel
lnx-kernel-009-fix-signed = Install a module that a key of the kernel signed in place of the one of { $package }, or remove the package: { $command }
lnx-kernel-010-title = Every kernel module belongs to a package
lnx-kernel-010-fix = Delete the modules named above, or install them from the distribution's packages
lnx-kernel-010-expected = a module of a package
lnx-kernel-010-bpf = no package owns this file of eBPF programs
lnx-kernel-010-elsewhere = no package owns this kernel module outside of /lib/modules
lnx-kernel-010-unowned = no package owns this module
lnx-kernel-010-built = DKMS built it from the sources of { $package }
lnx-kernel-010-spare = no package owns this module of a kernel that does not boot
lnx-kernel-010-third-party = a third party's module, owned by { $package }
lnx-kernel-010-fail = { $count ->
    [one] 1 module belongs to no package
   *[other] { $count } modules belong to no package
 }
lnx-kernel-010-warn = { $count ->
    [one] 1 module or eBPF file does not come from the distribution as it is
   *[other] { $count } modules or eBPF files do not come from the distribution as they are
 }
lnx-kernel-010-unknown = no package database was found that imgscan reads, so it can't be told whose the modules are
lnx-kernel-010-pass = { $count ->
    [0] there are no modules
    [one] the only module belongs to a package, and none is elsewhere
   *[other] all { $count } modules belong to packages, and none is elsewhere
 }
lnx-kernel-010-fix-database = Keep the package database in the image (/var/lib/dpkg/status, /var/lib/rpm or /lib/apk/db/installed), and scan again
lnx-kernel-010-fix-built = Remove the module if the image does not need it, with { $package }: { $command }
lnx-kernel-010-fix-third-party = Remove { $package } if the image does not need it: { $command }
lnx-kernel-011-title = What every kernel module says of itself matches its kernel and its file
lnx-kernel-011-fix = Replace the modules named above by those of the distribution
lnx-kernel-011-no-module = the file is named like a kernel module, but is none
lnx-kernel-011-differs = { $field } does not match the kernel or the file
lnx-kernel-011-absent = { $field } is not set
lnx-kernel-011-fail = { $count ->
    [one] 1 statement of a module does not match its kernel or its file
   *[other] { $count } statements of modules do not match their kernel or their file
 }
lnx-kernel-011-warn = { $count ->
    [one] 1 statement of a signed module does not match its kernel or its file
   *[other] { $count } statements of signed modules do not match their kernel or their file
 }
lnx-kernel-011-pass = { $count ->
    [one] the only module matches its kernel and its file
   *[other] all { $count } modules match their kernel and their files
 }
lnx-kernel-012-title = Only what packages brought loads kernel modules or runs in their place
lnx-kernel-012-fix = Delete the lines named above
lnx-kernel-012-expected = a program of a package
lnx-kernel-012-unproven-module = loads a module that neither a signature nor a package backs: { $line }
lnx-kernel-012-kept-out = keeps a module of security software from loading: { $line }
lnx-kernel-012-unowned-file = no package owns the file of this line: { $line }
lnx-kernel-012-by-file = loads a module by its file: { $line }
lnx-kernel-012-outside = loads a module from outside of /lib/modules: { $line }
lnx-kernel-012-no-program = names a program that does not exist: { $line }
lnx-kernel-012-unowned-program = runs a program that no package owns: { $line }
lnx-kernel-012-instead = runs a command in place of a module, and no package owns the file of this line: { $line }
lnx-kernel-012-rule = this udev rule runs a command, and no package owns its file: { $line }
lnx-kernel-012-fail = { $count ->
    [one] 1 entry loads an unproven module or runs an unproven program
   *[other] { $count } entries load unproven modules or run unproven programs
 }
lnx-kernel-012-warn = { $count ->
    [one] 1 entry that concerns modules does not come from a package, or should be looked at
   *[other] { $count } entries that concern modules do not come from packages, or should be looked at
 }
lnx-kernel-012-pass = everything that loads modules comes from packages
lnx-kernel-012-fix-missing = Install the package that brings { $program }, or delete the line { $place }
lnx-kernel-012-fix-program = Delete the line { $place }, and { $program } too if nothing else needs it
lnx-kernel-015-title = No live patch changes the kernel
lnx-kernel-015-fix = Remove the live patches, and update the kernel instead
lnx-kernel-015-expected = no live patch
lnx-kernel-015-patch = a live patch of the kernel
lnx-kernel-015-signed = owned by { $package }
lnx-kernel-015-not-signed = owned by { $package }, not signed by a key of its kernel
lnx-kernel-015-no-owner = owned by no package
lnx-kernel-015-folder = this folder of live patches is not empty
lnx-kernel-015-service = the service { $service } applies live patches at boot
lnx-kernel-015-fail = { $count ->
    [one] 1 live patch belongs to no package
   *[other] { $count } live patches belong to no package
 }
lnx-kernel-015-warn = { $count ->
    [one] there is 1 live patch, or something that applies live patches
   *[other] there are { $count } live patches, or things that apply them
 }
lnx-kernel-015-pass = there is no live patch
lnx-kernel-015-fix-package = Remove { $package }, and update the kernel instead: { $command }
lnx-kernel-015-fix-folder = Delete the live patches: rm -r { $folder }
lnx-kernel-015-fix-service = Disable the service: systemctl disable { $service }
lnx-kernel-018-title = Nothing shows that a kernel was built or installed by hand
lnx-kernel-018-fix = Install the distribution's kernel, and delete what is named above
lnx-kernel-018-source = the source of a kernel, owned by no package
lnx-kernel-018-package-file = the package file of a kernel was left here
lnx-kernel-018-build-tree = modules are built against this tree, which no package owns
lnx-kernel-018-set-aside = an installation by hand set this kernel aside
lnx-kernel-018-dkms = DKMS built this module here
lnx-kernel-018-history = a kernel or a module was built or installed by hand (the line is not shown)
lnx-kernel-018-package = the package of this kernel was built by hand: { $maintainer }
lnx-kernel-018-fail = the kernel that boots was built by hand
lnx-kernel-018-warn = { $count ->
    [one] 1 sign shows that a kernel or a module was built or installed by hand
   *[other] { $count } signs show that a kernel or a module was built or installed by hand
 }
lnx-kernel-018-pass = nothing shows that a kernel was built or installed by hand
lnx-kernel-018-fix-delete = Delete it if the image does not need it: rm -r { $file }
lnx-kernel-018-fix-dkms = Remove the module if the image does not need it: dkms remove { $module }/VERSION --all
lnx-kernel-018-fix-history = Delete the history: rm { $file }
lnx-kernel-018-fix-kernel = Install the distribution's kernel ({ $command }), make it the default, and remove { $file }
lnx-kernel-022-title = Nothing starts another kernel or system
lnx-kernel-022-fix = Delete the lines and menu entries named above
lnx-kernel-022-menu-script = this script writes part of the boot menu, and no package owns it
lnx-kernel-022-kexec = starts another kernel: { $line }
lnx-kernel-022-command = the boot menu can start something else: { $command }
lnx-kernel-022-entry = this entry does not start a Linux kernel of the image: { $command }
lnx-kernel-022-fail = { $count ->
    [one] 1 entry starts another kernel or system by itself
   *[other] { $count } entries start another kernel or system by themselves
 }
lnx-kernel-022-warn = { $count ->
    [one] there is 1 way to start another kernel or system
   *[other] there are { $count } ways to start another kernel or system
 }
lnx-kernel-022-pass = nothing starts another kernel or system
lnx-kernel-022-fix-menu-script = Delete the script and make the menu again: rm { $file } && { $command }
lnx-kernel-022-fix-command = Delete the command at { $place } if the image does not need it
lnx-kernel-022-fix-entry = Delete the entry at { $place } from the boot menu, and make a kernel of the image the default
lnx-kernel-023-title = There is no trace of a known rootkit
lnx-kernel-023-fix = Build the image again on a freshly installed system
lnx-kernel-023-name = carries the name of a known rootkit: { $name }
lnx-kernel-023-file = a known rootkit leaves this file
lnx-kernel-023-import = this unproven module uses { $symbol }, as rootkits do
lnx-kernel-023-fail = { $count ->
    [one] 1 trace of a known rootkit was found
   *[other] { $count } traces of known rootkits were found
 }
lnx-kernel-023-warn = { $count ->
    [one] 1 unproven module uses what rootkits use
   *[other] { $count } unproven modules use what rootkits use
 }
lnx-kernel-023-pass = no trace of a known rootkit was found
lnx-kernel-023-fix-module = Delete the module if the image does not need it: rm { $file }
lnx-kernel-023-fix-rebuild = Build the image again on a freshly installed system: after the trace at { $place } this one can't be trusted
lnx-kernel-024-title = Settings that let the kernel be changed
lnx-kernel-024-fix = Leave the settings named above at their safe values
lnx-kernel-024-warn = { $count ->
    [one] 1 setting lets the kernel be changed or read
   *[other] { $count } settings let the kernel be changed or read
 }
lnx-kernel-024-pass = { $count ->
    [0] no setting of interest is set
    [one] 1 setting is listed, with a safe value
   *[other] { $count } settings are listed, with safe values
 }
lnx-kernel-024-fix-line = Delete the line { $place }: { $setting }
lnx-kernel-024-fix-option = Use a kernel that was not built with { $option }

### Checks: Linux boot

### Checks: Windows in common
win-program = { $what }: { $why }
win-program-file = { $what }: { $why } ({ $path }, SHA-256 { $sha256 })
win-program-shared-folder = it lies in a folder for temporary or shared files ({ $place })
win-program-user-folder = it lies in a user's folder ({ $place })
win-program-system-name = it has the name of a Windows program but lies elsewhere
win-program-stream = it lies in a named stream of a file
win-program-script = it runs a script that fetches or hides what it runs ({ $sign })
win-program-missing = { $path } does not exist
win-program-none = it names no file of the image
win-program-signed = signed by { $signer }
win-program-unanchored = signed by { $signer }, for whom no trusted authority vouches
win-program-modified = its signature is not of this file ({ $signer })
win-program-unproven = its signature can't be verified: { $why }
win-program-unsigned = no signature, and no catalog lists it
win-program-no-pe = not a PE file
win-signature-nameless = an unnamed signer
win-signature-trusted = { $signer }, anchor { $anchor }
win-signature-unanchored = { $signer }, no pinned certificate vouches for it
win-signature-self-signed = { $signer }, which signed itself
win-signature-modified = not what { $signer } signed: digests { $digests }, signed { $signed }
win-signature-unsigned = not signed; digests { $digests }
win-signature-none = not signed
win-signature-wanted = signed
win-signature-no-pe = not a PE image
win-signature-catalog = { $proof }; listed in { $catalog }
win-signature-stamp = { $proof }; stamped { $time }
win-value = value { $name }
win-value-empty = empty
win-value-any = any value
win-value-absent = not set
win-value-not = not { $values }
win-fix-reg-set = Set the value: reg add "{ $key }" { $name } /t { $kind } /d "{ $data }" /f
win-fix-reg-delete = Delete the value: reg delete "{ $key }" { $name } /f
win-fix-reg-entry = Remove { $entry } from the value { $value } of { $key } with regedit
win-fix-reg-restore = Set the value { $value } of { $key } with regedit to what it is on a fresh system ({ $wanted })

### Checks: Windows agents and cloudbase-init

### Checks: Windows boot and kernel
win-kernel-005-title = Code integrity is not weakened by registry values or policies
win-kernel-005-fix = Restore the values of code integrity and remove the policies that are listed
win-kernel-005-fail = { $count ->
    [one] 1 value, policy or driver breaks code integrity
   *[other] { $count } values, policies or drivers break code integrity
 }
win-kernel-005-warn = { $count ->
    [one] 1 value or policy of code integrity is not the default
   *[other] { $count } values or policies of code integrity are not the default
 }
win-kernel-005-unknown = { $count ->
    [one] 1 code integrity policy can't be judged
   *[other] { $count } code integrity policies can't be judged
 }
win-kernel-005-pass = no value and no policy weakens code integrity
win-kernel-005-policy = { $note }; name { $name }
win-kernel-005-policy-wanted = a policy signed by Microsoft
win-kernel-005-signed = signed
win-kernel-005-unreadable = a policy that can't be read
win-kernel-005-modified = a policy that was changed after it was signed
win-kernel-005-unproven = a policy whose signature can't be judged
win-kernel-005-unsigned-open = an unsigned policy that lets every driver run
win-kernel-005-foreign-open = a policy by another signer that lets every driver run
win-kernel-005-audit = a custom policy that only logs what it forbids
win-kernel-005-unsigned = a custom policy, unsigned
win-kernel-005-foreign = a custom policy by another signer
win-kernel-005-boot-driver = { $name } starts with the system and is let in
win-kernel-005-fix-policy = Delete the policy { $path }, or have it signed and explain it on the product page
win-kernel-007-title = What runs before any logon is the default
win-kernel-007-fix = Restore the listed values to those of a fresh system
win-kernel-007-fail = { $count ->
    [one] 1 value makes a program run before any logon, or redirects one
   *[other] { $count } values make programs run before any logon, or redirect them
 }
win-kernel-007-warn = { $count ->
    [one] 1 value is not the default
   *[other] { $count } values are not the default
 }
win-kernel-007-pass = every value is the default or not set

### Checks: Windows sysprep

### Checks: Windows accounts and access

### Checks: Windows network, time and capabilities

### Checks: Windows persistence

### Checks: Windows defence

### Checks: Windows leaks

### Reports
ui-verdict = Verdict
ui-policy = Policy
ui-image = Image
ui-digest = SHA-256
ui-system = System
ui-unknown-system = no operating system was found
ui-kernel = Kernel
ui-default = boots by default
ui-volume = Volume
ui-file = File
ui-snapshot = Snapshot
ui-table = Table
ui-mounts = Mounts
ui-required = Required
ui-actual = Actual
ui-not-read = Not read
ui-fix = Fix
ui-reason = Reason
ui-packages = Packages
ui-account = Account
ui-services = Services
ui-group = Group
ui-hidden = no name leads to it: hidden
ui-hijacked = its record holds another identifier
ui-name-of-nobody = a name without a user
ui-disabled = disabled
ui-locked = locked
ui-no-password-needed = password not required
ui-never-expires = password never expires
ui-last-logon = last logon
ui-password-set = password set
ui-setting = Setting
ui-adapter = Network adapter
ui-setup-file = Setup file
ui-autostart = Autostart
ui-programs = Programs
ui-updates = Updates (packages installed / all)
ui-passed = Met
ui-not-applicable = Not applicable
ui-gaps = What could not be read
ui-parts-not-read = not read
ui-notices = Notices
ui-waivers-on = Waivers taken as of
ui-root-on = root on
ui-virtual-size = virtual
ui-file-size = file
ui-host = host name
ui-verdict-accept = ACCEPT
ui-verdict-review = REVIEW
ui-verdict-reject = REJECT
ui-means-accept = every check that can stop the image is met
ui-means-accept-warnings = { $count ->
    [one] accept, with 1 warning
   *[other] accept, with { $count } warnings
 }
ui-means-review = a person must decide
ui-means-reject = a blocking check is not met
ui-status-pass = PASS
ui-status-warn = WARN
ui-status-fail = FAIL
ui-status-unknown = UNKNOWN
ui-status-na = N/A
ui-status-error = ERROR
ui-status-waived = WAIVED
ui-gate-block = block
ui-gate-review = review
ui-gate-advisory = advisory
ui-gate-info = info
ui-severity-info = info
ui-severity-low = low
ui-severity-medium = medium
ui-severity-high = high
ui-severity-critical = critical
ui-omitted = { $count ->
    [one] 1 more item is not listed
   *[other] { $count } more items are not listed
 }
ui-field = { $name }: { $value }
ui-heading = { $title } ({ $count })
ui-brackets = { $what } ({ $more })

### Differences
diff-base = base
diff-image = image
diff-equal = nothing differs
diff-kernel = Kernel
diff-boot = Boot
diff-modules = Modules
diff-security = Security components
diff-packages = Packages
diff-configuration = Configuration
diff-other = Other
diff-not-read = Not read
diff-added = added
diff-removed = removed
diff-contents = contents
diff-type = type
diff-owner = owner
diff-mode = mode
diff-target = target
diff-version = version
diff-more = { $count } more; -f json lists them
diff-gap-of-base = base image: { $reason }

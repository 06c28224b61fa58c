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

### Checks: whole image

### Checks: Linux agents

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

### Checks: Linux boot

### Checks: Windows agents and cloudbase-init

### Checks: Windows boot and kernel

### Checks: Windows sysprep

### Checks: Windows accounts and access

### Checks: Windows network, time and capabilities

### Checks: Windows persistence

### Checks: Windows defence

### Checks: Windows leaks

### Reports

### Differences

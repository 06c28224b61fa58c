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
secret-masked = { $count ->
    [one] <masked, 1 character>
   *[other] <masked, { $count } characters>
 }

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

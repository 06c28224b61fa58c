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

### Checks: Linux accounts

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

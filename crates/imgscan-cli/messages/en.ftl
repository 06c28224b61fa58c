# The command line's own sentences, in English; zh.ftl holds the same in Simplified Chinese.
# help-… are looked up by their code: help-COMMAND-about, help-COMMAND-usage, and for arguments
# help-COMMAND-arg-NAME or, where several commands share it, help-arg-NAME.

### Help: commands
help-imgscan-about = Reads disk images without booting or mounting them
help-imgscan-usage = imgscan [OPTIONS] <COMMAND>
help-scan-about = Judge an image by a policy: exit code 0 accept, 1 reject, 3 review
help-scan-usage = imgscan scan [OPTIONS] <IMAGE>
help-info-about = Describe an image: container, volumes, file systems, operating systems with their inventory
help-info-usage = imgscan info [OPTIONS] <IMAGE>
help-ls-about = List a folder of the image
help-ls-usage = imgscan ls [OPTIONS] <IMAGE> [PATH]
help-cat-about = Write a file of the image to standard output
help-cat-usage = imgscan cat [OPTIONS] <IMAGE> <PATH>
help-extract-about = Write files of the image into a folder; of one image no more is read than 64 times its size and 16 GiB
help-extract-usage = imgscan extract [OPTIONS] -C <DIR> <IMAGE> [PATHS]...
help-hash-about = Print the SHA-256 of every regular file and stream; of one image no more is read than 64 times its size and 16 GiB
help-hash-usage = imgscan hash [OPTIONS] <IMAGE> [PATH]
help-reg-about = Show a key of the Windows registry
help-reg-usage = imgscan reg [OPTIONS] <IMAGE> <KEY>
help-kernel-about = List what runs in ring 0 at the next boot of a Linux image, and how far it is proven
help-kernel-usage = imgscan kernel [OPTIONS] <IMAGE>
help-autoruns-about = List what runs by itself on a Windows image, and what explains it
help-autoruns-usage = imgscan autoruns [OPTIONS] <IMAGE>
help-diff-about = Compare an image with the one it was made from: exit code 0 equal, 1 different
help-diff-usage = imgscan diff [OPTIONS] <BASE> <IMAGE>
help-baseline-about = Keep a database of kernels, modules and boot files known good
help-baseline-usage = imgscan baseline <COMMAND>
help-baseline-add-about = Add the files of an image, of a deb or rpm package, or of a folder
help-baseline-add-usage = imgscan baseline add --db <FILE> <WHAT>...
help-baseline-list-about = List the files of the database
help-baseline-list-usage = imgscan baseline list --db <FILE>
help-baseline-verify-about = Compare an image, a package or a folder with the database: exit code 0 equal, 1 different, 3 not known
help-baseline-verify-usage = imgscan baseline verify --db <FILE> <WHAT>
help-digest-about = Print the SHA-256 and the size of the virtual disk: equal for every container of the same disk
help-digest-usage = imgscan digest [OPTIONS] <IMAGE>

### Help: arguments
help-arg-help = Show this help
help-arg-version = Show the version
help-arg-lang = Language of messages: en or zh; by default that of LC_ALL, LC_MESSAGES or LANG
help-arg-sandbox = Read images in a process that can open, start and connect to nothing: auto (what the kernel offers, the default), require (all of it, or the command ends), off; also IMGSCAN_SANDBOX
help-arg-max-read = Read at most so many bytes of an image; what is beyond becomes a gap: 68719476736 by default, no bound for cat, hash, digest and extract; also IMGSCAN_MAX_READ
help-arg-max-steps = Ask the file systems of an image at most so many questions: 20000000 by default, no bound for cat, hash, digest and extract; also IMGSCAN_MAX_STEPS
help-arg-max-memory = Hold at most so many bytes of memory for an image; what does not fit becomes a gap: 536870912 by default; also IMGSCAN_MAX_MEMORY
help-arg-max-time = End the command after so many seconds: 900 by default where a document is written, no bound where output is written piece by piece; also IMGSCAN_MAX_TIME
help-arg-image = The disk image (raw or qcow2)
help-arg-backing-dir = Another folder in which files that the image names (backing file, data file) may be opened
help-arg-snapshot = Read this internal snapshot (name or id) instead of the current state
help-arg-format = Output format: text (for people, the default) or json (for programs)
help-arg-output = Write to this file instead of standard output: whole or not at all
help-arg-trust = Accept the certificates in this file as pinned too (DER, or PEM with several)
help-arg-baseline = Files known good: a database made by imgscan baseline add
help-arg-declaration = What the vendor declares of the product: files pinned by digest or by publisher (YAML)
help-arg-db = The database
help-arg-what = A disk image, a package (.deb, .rpm), or a folder with packages or with the files of a system
help-scan-arg-policy = Name of a built-in policy, or a policy file (anything with a dot or a slash); by default tencent-marketplace
help-scan-arg-image-sha256 = Put the SHA-256 of the whole image file into the report
help-kernel-arg-policy = Name of a built-in policy, or a policy file, that says what arguments of the kernel do; by default tencent-marketplace
help-kernel-arg-explain = Give for each object the commands that repeat its proof with other tools
help-autoruns-arg-policy = Name of a built-in policy, or a policy file, that says what explains an entry; by default tencent-marketplace
help-autoruns-arg-unexplained = Only what is not explained
help-diff-arg-base = The image it was made from
help-baseline-add-arg-force = Add an image even if files in it were modified or replaced (levels K0 and K1)
help-baseline-add-arg-db = The database; it is made if it does not exist
help-ls-arg-path = Folder or file: p2:/path on volume p2, or /path of the only volume; where several volumes have files, /path is that of the operating system with its file systems mounted; places of Windows as reports write them (p2:C:/path, C:\path); by default the root
help-ls-arg-long = Long form: mode, links, owner, group, size, time of change (UTC), name
help-ls-arg-recursive = Everything below it, and what is mounted there
help-ls-arg-format = Output format: text (the default) or json (one object per line)
help-cat-arg-path = File: p2:/path on volume p2, or /path of the only volume or of the operating system; places of Windows as reports write them (p2:C:/path, C:\path, C:/path:stream)
help-cat-arg-stream = This named stream (NTFS) instead of the main contents
help-extract-arg-paths = Folders or files: p2:/path on volume p2, or /path of the only volume; where several volumes have files, /path is that of the operating system with its file systems mounted; places of Windows as reports write them (p2:C:/path, C:\path); by default everything, volume by volume
help-extract-arg-dir = Folder to write into; nothing is ever written outside it
help-extract-arg-hives = Instead of paths: all registry hives of the image with their logs
help-extract-arg-force = Replace files and links that are in the folder already; without it they stay, each is told as not extracted, and the exit code is 2
help-extract-arg-special-bits = Keep set-user-id, set-group-id and sticky bits
help-hash-arg-path = Folder or file: p2:/path on volume p2, or /path of the only volume; where several volumes have files, /path is that of the operating system with its file systems mounted; places of Windows as reports write them (p2:C:/path, C:\path); by default everything, volume by volume
help-reg-arg-image = The disk image, or a hive file by itself
help-reg-arg-key = HKLM\SYSTEM\CurrentControlSet\..., HKU\USER or SID\...; in a hive file, or with --hive, from its root (\ is the root itself)
help-reg-arg-value = Only this value; '' is the default value
help-reg-arg-recursive = All keys below it
help-reg-arg-format = Output format: text (the default), json, or reg (as regedit exports it: version 5.00, UTF-16)
help-reg-arg-hive = The hive in this file of the image (/path, or p2:/path on volume p2)
help-reg-arg-logs = A log of the hive file (NAME.LOG1, NAME.LOG2 or NAME.LOG) instead of those beside it

### Usage
ui-usage = Usage: { $usage }
ui-commands = Commands
ui-arguments = Arguments
ui-options = Options
ui-at = { $place }: { $what }
ui-standard-output = standard output
ui-command = the command
usage-see-help = { $problem } (see imgscan --help)
usage-did-you-mean = { $problem }; did you mean { $suggestion }?
usage-no-value = { $arg } needs a value
usage-bad-value = { $arg } does not take the value { $value }
usage-bad-value-of = { $arg } does not take the value { $value }, but one of: { $valid }
usage-unknown-argument = unknown argument { $arg }
usage-unknown-command = unknown command { $command }
usage-no-command = a command is missing
usage-twice = { $arg } is given more than once
usage-conflict = { $arg } can't be used together with { $other }
usage-missing = missing argument { $arg }
usage-values = { $arg } has the wrong number of values
usage-not-utf8 = an argument is not UTF-8
usage-other = the arguments can't be understood

### Files of this machine
host-cannot-write = cannot write { $what }: { $why }
host-not-found = no such file or folder
host-denied = permission denied
host-exists = it exists already
host-folder = it is a folder
host-no-folder = it is not a folder
host-busy = it is in use: another imgscan extracts into it
host-full = the disk is full
host-read-only = the file system is read-only
host-too-long = { $file } is longer than { $limit } bytes
host-not-regular = { $file } is not a regular file; nothing was written
host-is-input = { $file } is the image itself; nothing was written

### Sandbox
sandbox-landlock = Landlock
sandbox-seccomp = system call filters ({ $why })
sandbox-without = this kernel has no { $what }; the sandbox does without (docs/sandbox.md)
sandbox-required = this kernel has no { $what }, which --sandbox=require demands
sandbox-threads = the sandbox was entered too late
sandbox-not-entered = the sandbox was not entered
sandbox-no-child = the process that reads the image could not be started: { $why } (--sandbox=off does without)
sandbox-no-answer = the file could not be asked for
sandbox-not-asked = the sandbox asked for a file that is not opened
sandbox-ended = ended early: { $why }
sandbox-ended-at = ended early at the step "{ $step }": { $why }
sandbox-time = it took longer than { $seconds } seconds (--max-time)
sandbox-cpu = it took more processor time than it is allowed (--max-time)
sandbox-memory = it needed more memory than it may have
sandbox-stack = its stack overflowed, a fault of imgscan
sandbox-signal = the process that reads the image was ended by signal { $signal }
sandbox-code = the process that reads the image ended with code { $code }
sandbox-no-document = the process that reads the image ended without a report
sandbox-document = the document is longer than { $most } bytes
sandbox-garbled = the process that reads the image sent what can't be understood

### Progress
progress-opening = opening the image
progress-systems = looking for operating systems
progress-hashing = hashing the image

### Volumes and paths
volume-holds = { $volume } holds { $what }
volume-with = { $volume } ({ $what })
volume-none-there = none
volume-several = several volumes have files; name one, as in p1:/path: { $volumes }
volume-unknown = there is no volume { $volume }; there are: { $volumes }
volume-no-files = no volume holds a file system; there are: { $volumes }
budget-spent = not read: it has { $bytes } bytes, but only { $left } are left of the { $whole } bytes that are read of one image ({ $times } times its size and 16 GiB)

### baseline
baseline-added = { $name }: { $count ->
    [one] 1 file
   *[other] { $count } files
 }, { $new } of them new
baseline-differs = differs: { $path } { $sha256 }
baseline-not-known = not known: { $path } { $sha256 }
baseline-verified = { $name }, compared with { $db }: { $equal } equal, { $different } differ, { $absent } not known
baseline-too-deep = folders are nested too deeply; what is below is left out
baseline-own-level = { $name }: its own level is { $level }
baseline-refused = { $path } is at level { $level }: modified or replaced
baseline-not-added = { $name }: nothing was added, because { $count ->
    [one] 1 file is
   *[other] { $count } files are
 } modified or replaced; --force adds it all the same
baseline-unproven = { $name }: { $count ->
    [one] 1 file is
   *[other] { $count } files are
 } not proven; the database notes the level of each

### extract
extract-no-hives = no volume of this image holds a registry hive
extract-special = not extracted: { $kind ->
    [char-device] a character device
    [block-device] a block device
    [fifo] a pipe
    [socket] a socket
   *[other] a special file
 }
extract-renamed = extracted under the name { $name }
extract-too-deep = not extracted: more than { $most } folders deep
extract-exists = not extracted: the folder holds something of this name already (--force replaces it)
extract-failed = not extracted: { $why }
extract-not-finished = mode and time could not be set: { $why }

### reg
reg-not-utf8 = names of the registry must be given as UTF-8
reg-no-key = { $path } has no key "{ $key }"
reg-no-value = { $path } has no value "{ $value }"
reg-next-boot = CurrentControlSet: the next boot uses control set { $next }, which is shown here; the last one used { $current }
reg-logs-for-hive-files = --logs is for a hive file by itself; in an image the logs beside the hive are used
reg-no-file = { $path }: no such file
reg-no-hive = no hive of this image is loaded at { $root }; there are: { $roots }
reg-several-hives = several hives of this image are loaded at { $root }; name one with --hive: { $files }
reg-log-name = --logs { $file }: the name does not end in .LOG1, .LOG2 or .LOG
reg-log-twice = --logs { $file }: there is another log with this ending
reg-replayed = { $file }: not completely written; { $entries ->
    [one] 1 log entry was
   *[other] { $entries } log entries were
 } replayed over { $pages ->
    [one] 1 page
   *[other] { $pages } pages
 }, from: { $logs }
reg-no-current-user = an image has no current user; name one: HKU\USER or SID\...
reg-classes-root = HKCR is put together at run time; its parts are HKLM\SOFTWARE\Classes and HKU\USER_Classes
reg-current-config = HKCC stands for HKLM\SYSTEM\CurrentControlSet\Hardware Profiles\0001 and the like; name that key
reg-no-root = a key of an image begins with HKLM\ or HKU\; with --hive it is relative to that hive
reg-name-a-hive = name a hive: HKLM\SYSTEM, HKLM\SOFTWARE, HKU\USER or SID
reg-to-terminal = -f reg is not written to a terminal: send it into a file or a pipe
reg-output-failed = the output failed
reg-unfit-key = the name of the key "{ $name }" does not fit into a .reg file: left out
reg-unfit-value = the name of the value "{ $name }" does not fit into a .reg file: left out
reg-left-out = left out: { $name }
reg-left-out-because = left out: { $name }: { $why }
reg-written = last written { $time }, at byte { $offset } of { $file }
reg-never-written = never written, at byte { $offset } of { $file }
reg-default = (default)
reg-and-bytes = { $shown }  bytes { $bytes }
reg-more-bytes = { $bytes }... ({ $count } bytes)

### Policies
help-policy-about = Look at policies: list, show, export, validate, explain
help-policy-usage = imgscan policy <COMMAND>
help-policy-list-about = List the built-in policies
help-policy-list-usage = imgscan policy list
help-policy-show-about = Show a policy with its checks, or a check with its parameters as they are in force
help-policy-show-usage = imgscan policy show [OPTIONS] <ID>
help-policy-export-about = Print a built-in policy as YAML, to be changed and used with --policy
help-policy-export-usage = imgscan policy export <NAME>
help-policy-validate-about = Check a policy file: every fault with line, column and a suggestion; exit code 0 sound, 2 not
help-policy-validate-usage = imgscan policy validate <FILE>
help-policy-explain-about = Explain a check: what it wants, its parameters, what to do
help-policy-explain-usage = imgscan policy explain [OPTIONS] <CHECK>
help-explain-about = Explain a check: what it wants, its parameters, what to do
help-explain-usage = imgscan explain [OPTIONS] <CHECK>
help-policy-show-arg-id = A built-in policy, a policy file (anything with a dot or a slash), or the id of a check
help-policy-show-arg-policy = The policy of the check
help-policy-export-arg-name = A built-in policy
help-policy-validate-arg-file = The policy file
help-policy-explain-arg-check = The id of the check (LNX-NET-001)
help-policy-explain-arg-policy = The policy of the check
help-explain-arg-check = The id of the check (LNX-NET-001)
help-explain-arg-policy = The policy of the check
policy-headline = { $id } { $revision }: { $title }, { $count ->
    [one] 1 check
   *[other] { $count } checks
 }
policy-digest = SHA-256: { $sha256 }
policy-base = extends { $id } { $revision } (SHA-256 { $sha256 })
policy-check = { $id } { $title } ({ $gate }, { $severity })
policy-sound = the policy is sound
policy-explained = { $id }: { $title }
policy-system = System: { $os }
policy-any-system = any
policy-clauses = Clauses: { $clauses }
policy-gate = If not met: { $gate } (severity { $severity })
policy-test = Test: { $test }
policy-parameter = Parameter { $name }: { $value }
policy-fix = Fix: { $fix }
policy-no-check = the policy { $policy } has no check { $id }; list them with: imgscan policy show { $policy }
policy-gate-block = the image is rejected
policy-gate-review = a person decides
policy-gate-advisory = advice only
policy-gate-info = information only
policy-severity-info = information
policy-severity-low = low
policy-severity-medium = medium
policy-severity-high = high
policy-severity-critical = critical

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
error-io-pipe = cannot read { $what }: it is a pipe; a file or a block device is needed
error-io-socket = cannot read { $what }: it is a socket; a file or a block device is needed
error-io-device = cannot read { $what }: it is a character device; a file or a block device is needed
error-io-full = cannot write { $what }: the disk is full
error-io-short = cannot read { $what }: it ends early
error-past-end = { $bytes } bytes are read across the end at byte { $size }
error-internal = { $what } stopped by a fault of imgscan: { $text }
error-interrupted = the scan did not come to its end, so that nothing was judged: { $why }
error-interrupted-at = the scan did not come to its end, so that nothing was judged; its last step was "{ $step }": { $why }
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
layer-budget = budget of the reading
kind-io = read error
kind-unsupported = not supported
kind-corrupt = corrupt
kind-denied = refused
kind-limit = limit reached
kind-not-found = not found
kind-notice = notice
kind-doubt = not certain
kind-internal = fault of imgscan
error-magic = "{ $expected }" expected
error-magic-found = "{ $expected }" expected, found { $found }

### Errors: source, container
container-version = version
container-cluster-size = cluster size
container-compression = compression
container-extended-l2 = extended L2
container-backing-format = backing format
container-bitmaps = bitmaps
error-nothing = nothing in it is recognised: no partition table, no file system ({ $why })
qcow2-yes = yes
doing-container = opening the container
doing-table = reading the partition table
doing-volume = opening the volume
doing-autoruns = listing what runs by itself
doing-ring0 = the search for what runs in ring 0
doing-boot-loader = reading a boot loader
doing-catalog = reading a catalog
doing-efi-program = reading a program of the EFI partition
doing-event-chunk = reading a chunk of an event log
doing-grub-core = taking the core of GRUB apart
doing-grub-module = comparing a module of GRUB
doing-initramfs = reading an initramfs
doing-integrity = reading a code integrity policy
doing-inventory = the inventory
doing-kernel-image = taking a kernel apart
doing-kernels = the search for kernels
doing-misplaced = looking at a file that may be a module
doing-module = reading a module
doing-program-names = reading the names of a program
doing-ring0-file = reading a file of ring 0
doing-rpm-database = reading an rpm database
doing-unified-kernel = reading a unified kernel image
doing-systems = the search for operating systems
error-weak-key = the image can't be named by its sampled blocks: { $bytes } bytes at byte { $from } can't be read: { $why }
error-image-sha256 = the SHA-256 of the whole image file can't be made: { $why }
error-source-long = { $bytes } bytes, more than the { $most } that are read of this file
error-container-empty = the file is empty: it holds no disk image
error-container-foreign = { $format } is not read by this version; convert it to raw or qcow2
error-container-no-snapshot = the image has no snapshot "{ $name }"
error-container-no-snapshot-read = the image has no snapshot "{ $name }" among those that can be read: { $why }
container-backing-file = backing file
container-data-file = data file
error-gate = the image names "{ $name }" as its { $role }: { $why }; it was not opened
error-gate-zero = the name holds a zero byte
error-gate-protocol = this is a protocol, not a path
error-gate-outside = it is outside the image's own folder and every folder that was permitted
error-gate-link = a symbolic link leads outside the permitted folders
error-gate-irregular = it is not a regular file
error-gate-changed = it changed while it was opened
error-gate-missing = the image names "{ $name }" as its { $role }: no such file
error-gate-guessed = a backing file whose format is not stated looks like qcow2 and names "{ $name }" as its { $role }; it was not opened
error-gate-closed = the image names "{ $name }" as its { $role }, but no file of this machine may be opened
error-qcow2-cycle = the image names "{ $name }" as its { $role }, which is already part of its chain
error-qcow2-data-unnamed = the clusters are in an external data file, which the image does not name
error-qcow2-deep = more than { $most } backing files in a chain
qcow2-backing = backing file "{ $name }"
error-qcow2-backing-format = backing file "{ $name }" has the format "{ $format }"; raw and qcow2 are read
error-qcow2-backing-unstated = the image does not state the format of its backing file "{ $name }"; by its content it was taken as { $format }
error-qcow2-dirty = the dirty bit is set: the image was not closed cleanly
error-qcow2-corrupt = the corrupt bit is set: a writer found damage in the image
error-qcow2-data-past-end = guest bytes { $from } to { $to } are stored at bytes { $at } to { $end } of a file that ends at { $size }
error-qcow2-compressed-past-end = the compressed cluster of guest offset { $guest } lies past the end of the file at { $size }
error-qcow2-compressed = compressed cluster of guest offset { $guest }: { $why }
error-qcow2-deflate-damaged = the deflate stream is damaged
error-qcow2-deflate-long = the deflate stream is longer than the cluster of { $size } bytes
error-qcow2-zstd-none = no Zstandard frame begins here ("{ $why }")
error-qcow2-zstd-damaged = the Zstandard frame is damaged ("{ $why }")
error-qcow2-compressed-short = the compressed data ends after { $found } of { $expected } bytes
error-qcow2-header-short = the header ends early
error-qcow2-version = qcow2 version { $found }; versions 2 and 3 are read
error-qcow2-cluster = cluster size 2^{ $bits } bytes; expected 2^{ $least } to 2^21
error-qcow2-header-length = header length { $found }; expected 104 bytes to one cluster
error-qcow2-encrypted = the image is encrypted ({ $method }); its content can't be read
qcow2-encryption-method = method { $number }
error-qcow2-l1-long = an L1 table of { $bytes } bytes; at most { $most } are read
error-qcow2-l1-short = the L1 table has { $found } entries, but a disk of { $size } bytes needs { $needed }
error-qcow2-l1-unaligned = the L1 table at byte { $at } does not begin at a cluster boundary
error-qcow2-l1-outside = the L1 table at byte { $at } lies outside the file of { $size } bytes
error-qcow2-compression = compression type { $found }; zlib (0) and zstd (1) are read
error-qcow2-compression-flag = compression type { $found } contradicts the feature bit
error-qcow2-name-long = the backing file's name has { $found } bytes; at most { $most } are allowed
error-qcow2-name-outside = the backing file's name at byte { $at } lies outside the file
error-qcow2-extension = header extension { $kind } of { $bytes } bytes crosses the end of the header
error-qcow2-feature = unknown incompatible feature bit { $bits }
error-qcow2-snapshots = { $found } snapshots; at most { $most } are read
error-qcow2-snapshots-long = the snapshot table has more than { $most } bytes
error-qcow2-snapshots-short = the snapshot table ends early
error-qcow2-snapshot-extra = a snapshot with { $found } bytes of extra data; at most { $most } are allowed
error-qcow2-table-past-end = an L1 or L2 entry lies past the end of the file at { $size }
error-qcow2-l1-entry = L1 entry { $index } names an L2 table at { $at }: not a cluster of the file of { $size } bytes
error-qcow2-l2-compressed = compressed cluster in an image with an external data file
error-qcow2-l2-unaligned = an L2 entry names byte { $at }, which is not at a cluster boundary
error-qcow2-l2-external = the L2 entry of guest offset { $guest } names byte { $at } of the data file
error-qcow2-l2-zero = an L2 entry has the zero flag in a version 2 image
error-qcow2-subcluster-both = subcluster bitmap { $bitmap }: a subcluster is allocated and zero at once
error-qcow2-subcluster-unmapped = subcluster bitmap { $bitmap }: subclusters are allocated without a cluster

### Errors: volume
error-partition-past-end = partition { $number } lies from byte { $from } to { $to }, but the disk ends at { $size }; what lies past the end can't be read
error-partition-overlap = partitions { $first } and { $second } overlap
error-partition-order = the partition numbers are not in disk order: { $first } lies before { $second }
error-partition-many = more than { $most } partitions; the rest is not read
error-partition-range = partition { $number } from LBA { $from } to LBA { $to } is no range; it is not read
error-partition-unusable = partition { $number } (LBA { $from } to { $to }) leaves the usable range, LBA { $first } to { $last }
error-gpt-entries-checksum = CRC-32 of the partition entries: the header says { $expected }, found { $found }
error-gpt-header-length = a header of { $found } bytes; expected at least { $least }
error-gpt-header-checksum = CRC-32 of the header: it says { $expected }, found { $found }
error-gpt-header-place = the header at LBA { $lba } says that it is at LBA { $found }
error-gpt-revision = revision { $found }, expected 00010000
error-gpt-entry-size = partition entries of { $found } bytes, expected 128 or a multiple
error-gpt-entry-size-linux = partition entries of { $found } bytes: Linux reads only 128
error-gpt-entries-past-end = the partition entries ({ $count } at LBA { $lba }) cross the end of the disk at byte { $size }
error-gpt-entries-long = { $count } partition entries of { $entry } bytes; at most { $most } bytes are read
error-gpt-two = the disk holds one GPT for sectors of { $first } bytes and one for { $second }; the first is read
error-gpt-missing = the MBR announces a GPT, but neither a primary nor a backup header is there
error-gpt-left-mbr = a GPT is left over under an MBR with partitions of its own and no protective entry; the MBR is read, as Linux and firmware do
error-gpt-left-disk = a GPT is left over on a disk without a protective MBR whose start holds something else; it is not read, as Linux and firmware do not read it
error-gpt-backup-read = the primary table is missing or damaged; the backup at LBA { $lba } is read
error-gpt-unsound = no copy of the table is sound; what can be made out is listed, and Linux and firmware would refuse it
error-gpt-cut = the backup header should be at LBA { $lba }, but the disk ends with LBA { $last }: it was cut after partitioning
error-gpt-grown = the backup header should be at LBA { $lba }, but the disk ends with LBA { $last }: it was enlarged after partitioning
error-gpt-no-backup = there is no backup header at LBA { $lba }
error-gpt-backup-differs = the backup table at LBA { $lba } differs from the primary table, which is read
error-gpt-unprotected = there is no protective MBR; Linux and firmware do not read this GPT
error-gpt-sectors = the table counts in sectors of { $size } bytes: a machine whose disk has 512 does not see it
error-gpt-hybrid-same = hybrid MBR: beside the GPT it lists a partition of type { $kind } at byte { $at }, { $bytes } bytes, the same as { $volume }
error-gpt-hybrid-own = hybrid MBR: beside the GPT it lists a partition of type { $kind } at byte { $at }, { $bytes } bytes, which is in no entry of the GPT
error-mbr-boot-sector = the first sector is a boot sector of { $fs } as well as a partition table; the table is read, as Linux does
error-mbr-sectors = the table counts in sectors of { $size } bytes
error-mbr-loop = the chain of logical partitions is a loop
error-mbr-logical-many = more than { $most } logical partitions; the rest is not read
error-mbr-extended-unread = the extended boot record can't be read: { $why }
error-mbr-extended-unsigned = no signature 55 AA in an extended boot record; logical partitions behind it are not found

### Errors: ext
error-ext-checksum = checksum of { $what }: expected { $expected }, found { $found }
ext-directory-block = a directory block
ext-extent-node = an extent node
ext-group-descriptor = group descriptor { $group }
ext-inode = inode { $inode }
ext-superblock = the superblock
ext-attribute-block = an attribute block
ext-journal-superblock = the journal's superblock
error-ext-directory-many = directory { $inode } has more than { $most } names
error-ext-not-directory = inode { $inode } is no directory
error-ext-directory-twice = directory { $inode } uses this block twice
error-ext-directory-hole = directory { $inode }: no block for blocks { $from } to { $to }
error-ext-directory-no-checksum = a directory block without its checksum
error-ext-entry-length = a directory entry has the length { $length }, { $left } bytes are left
error-ext-entry-name = a directory entry has a name of length { $name } in an entry of length { $entry }
error-ext-name-invalid = the name "{ $name }" of inode { $inode } is not valid
error-ext-name-nowhere = "{ $name }" leads to inode { $inode }, which does not exist
error-ext-extent-magic = extent node: expected magic 0xf30a, found { $found }
error-ext-extent-depth = depth of an extent node: expected { $expected }, found { $found }
error-ext-extent-entries = extent node: { $entries } of { $capacity } entries, there is room for { $room }
error-ext-extent = an extent of length { $length } from block { $from }: expected in { $next }..{ $end }
error-ext-encrypted = inode { $inode } is encrypted (fscrypt): its contents can't be read
error-ext-size = a size of { $size } bytes
error-ext-groups = { $count } block groups; at most { $most } are read
error-ext-group-backup = { $why }; its backup is used
error-ext-groups-more = more group descriptors that are damaged: { $count }
error-ext-group-table = the inode table of group { $group } lies outside the { $blocks } blocks of the file system
error-ext-map-reach = a size of { $size } bytes is more than a block map reaches
error-ext-inode-range = inode { $inode }: the file system has 1 to { $last }
error-ext-inode-table = inode { $inode }: the inode table of group { $group } is not known
error-ext-fast-feature = a fast commit uses features that are not known
error-ext-fast-checksum = the checksum of the fast commits is wrong: they are not replayed
error-ext-fast-many = more than { $most } fast commit records: none is replayed
error-ext-journal-inode = journal inode { $inode } is no file in use
error-ext-journal-magic = the journal's superblock has no magic
error-ext-journal-feature = journal feature { $feature } is not known
error-ext-journal-size = a journal of { $blocks } blocks of { $size } bytes from block { $first }, but its inode has { $found }
error-ext-journal-log = a journal with a log from block { $from } to { $to }, but at least { $least } blocks are expected
error-ext-journal-checksums = the journal has checksums of several versions, of which it may have one
error-ext-journal-checksum-type = checksums of type 4 expected in the journal, found type { $found }
error-ext-journal-commit = wrong checksum of the commit block of transaction { $transaction }: kernels refuse the journal, or replay more of it than was replayed here
error-ext-journal-start = the journal begins in block { $found }, expected { $from } to { $to }
error-ext-journal-hole = block { $block } of the journal is a hole
error-ext-journal-device = the journal on another device ({ $device }) must be replayed: what it holds is missing
error-ext-journal-unreplayed = the journal must be replayed, but can't be: what it holds is missing: { $why }
error-ext-journal-damaged = the journal is damaged: { $why }
error-ext-journal-aborted = the journal was aborted with error { $error }
error-ext-journal-void = the journal holds transactions, but is not marked for replay: they are void
error-ext-unclean-replayed = not cleanly unmounted; journal { $state }
ext-journal-none = none
ext-journal-elsewhere = on another device
ext-journal-elsewhere-unreplayed = on another device, not replayed
ext-journal-unreadable = not readable
ext-journal-clean = clean
ext-journal-unmarked = holds transactions, but is not marked for replay
ext-journal-replayed = replayed in memory (transactions: { $transactions }, blocks: { $blocks }, revoked: { $revoked })
ext-journal-replayed-fast = replayed in memory (transactions: { $transactions }, blocks: { $blocks }, revoked: { $revoked }, fast commit records: { $records })
ext-state-clean = clean
ext-state-errors = errors
ext-state-unclean = not clean
ext-state-no-valid-flag = s_state without EXT4_VALID_FS
error-ext-journal-descriptor = wrong checksum or size of a descriptor block in transaction { $transaction }
error-ext-journal-revoke = wrong checksum or size of a revoke block in transaction { $transaction }
error-ext-journal-either = wrong checksum or size of a descriptor or revoke block in transaction { $transaction }
error-ext-journal-end = the journal ends in transaction { $found }, expected { $expected }
error-ext-journal-overrun = the journal runs into its own beginning
error-ext-journal-block = block { $block } of transaction { $transaction } is damaged in the journal and not replayed
error-ext-journal-blocks = { $count } blocks are damaged in the journal
error-ext-map = the block map is damaged
error-ext-pieces = a file in more than { $most } pieces
error-ext-data-outside = data of length { $length } from block { $block }: the file system has { $blocks } blocks
error-ext-map-outside = block { $block } of a block map: the file system has { $blocks } blocks
error-ext-map-twice = a block map uses this block twice
error-ext-errors = marked as having errors (counted: { $count })
error-ext-unclean = not cleanly unmounted, and without a journal
error-ext-unused = inode { $inode } is not in use: mode { $mode }
error-ext-link-long = a link target of { $size } bytes
error-ext-unlinked = inode { $inode } has a name, but counts none
error-ext-extra = inode { $inode }: the extra fields don't fit
error-ext-not-link = inode { $inode } is no symbolic link
error-ext-link-encrypted = link { $inode } is encrypted (fscrypt)
error-ext-not-file = inode { $inode } is no regular file
error-ext-superblock-backup = the primary superblock is not used, the backup at byte { $at } is: { $why }
error-ext-superblock = the superblock is damaged
error-ext-superblock-magic = superblock: expected magic 0xef53, found { $found }
error-ext-feature = feature { $names } is not known
error-ext-block-size = block size: expected at most 2^16 bytes, found 2^(10+{ $power })
error-ext-inode-size = an inode size of { $size } bytes
error-ext-descriptor-size = a group descriptor size of { $size } bytes
error-ext-group-empty = 0 blocks in a group
error-ext-group-inodes = inodes in a group: { $count }
error-ext-first-block = blocks: { $blocks }, but the first data block is { $first }
error-ext-blocks = { $blocks } blocks are more than 2^64 bytes
error-ext-attributes-long = attributes of more than { $most } bytes in inode { $inode }
error-ext-inline-short = a size of { $size } bytes, but the inode holds { $found }
error-ext-attribute-outside = attribute block { $block }: the file system has { $blocks } blocks
error-ext-attribute-magic = attribute block: expected magic 0xea020000 and 1 block, found { $magic } and { $blocks }
error-ext-attribute-inode = inode { $value } does not hold the { $size } bytes of an attribute of inode { $inode }
error-ext-attribute-name = an attribute's name crosses the end
error-ext-attribute-value = an attribute's value of { $size } bytes crosses the end
error-ext-attribute-long = an attribute's value of { $size } bytes; at most { $most } are allowed
error-ext-acl = the access control list of inode { $inode } is malformed

### Errors: NTFS
error-ntfs-boot-name = boot sector: expected the name NTFS
error-ntfs-boot-copy = { $why }; its copy at byte { $at } was used
error-ntfs-boot-sectors = boot sector: { $sectors } sectors in the volume
error-ntfs-boot-mft = boot sector: $MFT at cluster { $cluster } of { $clusters }
error-ntfs-boot-record = boot sector: { $found } as the record size
error-ntfs-update-count = an update sequence of { $count } for { $bytes } bytes
error-ntfs-update-place = the update sequence is at { $at }
error-ntfs-torn = the update sequence number differs: a torn or overwritten record
error-ntfs-log-pages = $LogFile: no sound restart page
error-ntfs-log-unclean = $LogFile: the volume was not unmounted cleanly; changes that are only in the journal are not seen
error-ntfs-log-empty = $LogFile has no contents
ntfs-log-no-clean-flag = $LogFile without the clean flag
error-malformed-early = the compressed data ends too early
error-malformed-raw = an uncompressed block ends behind the data
error-malformed-code-long = a Huffman code of more than 16 bits
error-malformed-code-full = a Huffman code with more codes than there is room for
error-malformed-code-none = bits that are no Huffman code
error-malformed-chunk = a chunk crosses the end of the compressed data
error-malformed-token = half a match token
error-malformed-match-chunk = a match begins before its chunk
error-malformed-match-begin = a match begins before the output
error-malformed-match-end = a match ends behind the output
error-malformed-match-block = a match crosses the end of its block
error-malformed-lzx-long = an LZX chunk stands for more than 32,768 bytes
error-malformed-block-size = a block's size is 0 or crosses the end of the chunk
error-malformed-block-type = a block of an unknown type
error-malformed-lengths = a run of code lengths crosses their end
error-malformed-lengths-nested = a run inside a run of code lengths
error-malformed-xpress-long = an XPRESS block stands for more than 65,536 bytes
error-malformed-no-lengths = no room for the code lengths
error-ntfs-unit = compressed unit at byte { $at } of the attribute: { $why }
error-ntfs-unit-gap = a part of it is mapped to no cluster
error-ntfs-unit-hole = there are clusters behind a hole
error-ntfs-unit-unmapped = it is mapped to no cluster
error-ntfs-unit-short = { $found } bytes where { $expected } are due
error-ntfs-chunk = compressed chunk at byte { $at } of the file: { $why }
error-ntfs-chunk-begin = it begins behind the compressed data
error-ntfs-chunk-stored = stored in bytes { $from } to { $to } for { $plain } plain bytes
error-ntfs-chunk-table = a table of { $chunks } chunks in { $bytes } compressed bytes
error-ntfs-index-root = $INDEX_ROOT: { $why }
error-ntfs-index-nonresident = it is not resident
error-ntfs-index-block-size = blocks of { $size } bytes
error-ntfs-index-allocation = $INDEX_ALLOCATION is resident
error-ntfs-index-more = more problems in this index: { $count }
error-ntfs-index-unmarked = the index block at byte { $at } is part of the tree, but not marked as in use
error-ntfs-index-magic = the index block at byte { $at } does not begin with INDX
error-ntfs-index-place = the index block at byte { $at } says that it belongs elsewhere
error-ntfs-index-block = index block { $block } does not exist
error-ntfs-index-name = index: a name is not sound
error-ntfs-index-order = index: names are out of order
error-ntfs-index-child = index: an entry leads to a block that can't hang below it
error-ntfs-index-nowhere = index: an entry leads to { $block }, which is no block
error-ntfs-index-entry = index: an entry is not sound
error-ntfs-list-long = an attribute list of { $size } bytes; the format allows { $most }
error-ntfs-list = its attribute list is not sound at byte { $at }
error-ntfs-record = MFT record { $record }: { $why }
error-ntfs-record-missing = there is no MFT record { $record }: the table has { $count }
error-ntfs-record-outside = MFT record { $record } lies outside the table
error-ntfs-record-signature = expected the signature FILE, found { $found }
error-ntfs-record-unused = it is referred to, but is not in use
error-ntfs-record-sequence = sequence number { $found }, but the reference to it says { $expected }
error-ntfs-mirror = { $why }; the copy in $MFTMirr was used
error-ntfs-mft-place = $MFT at cluster { $cluster }, which is outside the volume
error-ntfs-mft-unmapped = $MFT has no mapped contents
error-ntfs-mft-foreign = it extends another record than $MFT
error-ntfs-mft-part = it lacks its part of $MFT's map
error-ntfs-encrypted = the contents are encrypted by EFS
error-ntfs-size = { $size } bytes in clusters of { $cluster }
error-ntfs-unit-size = a compression unit of 2^{ $power } clusters
error-ntfs-method = compression method { $method }
error-ntfs-reparse-tagless = a reparse point without a tag
error-ntfs-upcase = $UpCase: { $why }; names are compared by Unicode's mapping
error-ntfs-no-contents = it has no contents
error-ntfs-information = $Volume has no information
error-ntfs-dirty = the volume is marked dirty: Windows would check it before use
error-ntfs-unused = MFT record { $record } is not in use
error-ntfs-not-directory = MFT record { $record } is no directory
error-ntfs-not-file = MFT record { $record } is no regular file
error-ntfs-not-link = MFT record { $record } is no link
error-ntfs-name-nowhere = the name "{ $name }" leads nowhere: { $why }
error-ntfs-no-wof-stream = it has no stream WofCompressedData
error-ntfs-part = MFT record { $record } is a part of another file
error-ntfs-attribute-missing = it lacks attribute { $kind } number { $number } that the list of record { $base } names
error-ntfs-attribute-later = a later part of an attribute whose first part is missing
error-ntfs-record-foreign = it is listed by record { $base }, but extends another
error-ntfs-attribute = an attribute is not sound
error-ntfs-runs = run list: { $why }
error-ntfs-runs-overlap = run lists overlap
error-ntfs-runs-volume = more clusters than the volume has
error-ntfs-runs-file = more clusters than a file can have
error-ntfs-runs-endless = it has no end
error-ntfs-runs-header = header { $header } at byte { $at }
error-ntfs-runs-length = a length of { $length }
error-ntfs-runs-overflow = a cluster number overflows
error-ntfs-runs-outside = { $length } clusters from { $first } in a volume of { $clusters }
error-ntfs-unmapped = byte { $at } of the attribute is mapped to no cluster
error-ntfs-secure-stream = $Secure has no stream $SDS
error-ntfs-secure-index = $Secure has no index $SII
error-ntfs-secure-absent = $Secure: no descriptor { $number }
error-ntfs-secure-place = $Secure: byte { $at } of $SDS holds no descriptor { $number }
error-ntfs-secure = $Secure: descriptor { $number }: { $why }
error-descriptor = it is no security descriptor of revision 1
error-descriptor-owner = its owner is no security identifier
error-descriptor-group = its group is no security identifier
error-descriptor-list = its access list is damaged
error-descriptor-text = the text is no security descriptor that is understood
error-ntfs-standard = it has no standard information
error-ntfs-names = names in the index of record { $record } that are not sound: { $count }
error-ntfs-same-names = the folder has several entries that Windows takes for one: { $names }
error-ntfs-reparse = { $tag }: { $why }
error-ntfs-reparse-short = it is too short
error-ntfs-reparse-data = the data is shorter than it says
error-ntfs-reparse-target = no link target
error-ntfs-elsewhere = the contents are behind { $tag }
error-ntfs-no-stream = MFT record { $record } has no stream "{ $name }"
ntfs-tag = reparse tag { $tag }
ntfs-tag-known = reparse tag { $tag } ({ $name })
ntfs-tag-symlink = symbolic link
ntfs-tag-mount-point = mount point
ntfs-tag-wsl-symlink = WSL symbolic link
ntfs-tag-dedup = data deduplication
ntfs-tag-app = app execution alias
ntfs-tag-container = container image
ntfs-tag-projected = projected file
ntfs-tag-hierarchical = hierarchical storage
ntfs-tag-single = single instance storage
ntfs-tag-cloud = cloud file

### Errors: FAT and file systems in common
at-most = at most { $most }
error-boot-sector-size = boot sector: sectors of { $size } bytes
error-boot-cluster = boot sector: { $found } sectors in a cluster
error-fs-past-end = the file system claims { $size } bytes, but the volume has { $found }; what lies past its end can't be read
error-fs-not-directory = it is not a directory
error-fs-not-file = it is not a regular file
error-fs-no-streams = this file system has no named streams
error-fs-no-stream = there is no stream "{ $name }"
error-fs-no-object = there is no object { $number }
error-fs-record = its record is damaged
error-fs-ambivalent = it was read as { $read }, and carries the signature of { $others } too
error-fs-unread = { $what } is not read by this version
error-walk-twice = a second name of a directory that was listed before, perhaps its own parent
error-walk-deep = more than { $most } directories or { $bytes } bytes of path deep: what is in it was not looked at
error-walk-many = more names than the file system has room for: the rest of the tree was not looked at
signature-luks = LUKS encryption
signature-bitlocker = BitLocker encryption
signature-lvm2 = LVM2 physical volume
signature-raid = Linux RAID member
signature-hibernated = swap space with a hibernated system, which the next boot may resume instead of starting a kernel
signature-swap = swap
signature-ext-journal = external ext journal
signature-bios = BIOS boot code
signature-blank = blank
signature-unknown = unknown content
error-fat-reserved = boot sector: no reserved sectors
error-fat-tables = boot sector: no file allocation table
error-fat-short = boot sector: { $sectors } sectors end before the data area at byte { $at }
error-fat-unclean = the volume was not unmounted cleanly
fat-dirty-flag = the dirty flag
error-fat-active = the boot sector makes table { $table } the one in use; Linux reads table 0
error-fat-no-entry = there is no directory entry { $number }
error-fat-directory-long = a directory of more than { $most } bytes
error-fat-label = an entry is marked as volume label, but has contents or is outside the root: no system shows it
error-fat-twice = a second entry of this directory has the same name
error-fat-no-links = FAT has no symbolic links
error-fat-file-short = the entry says { $size } bytes, its clusters end after { $found }
error-fat-cluster-none = cluster { $cluster } does not exist
error-fat-cluster-loop = the chain loops at cluster { $cluster }
error-fat-cluster-free = cluster { $cluster } is free, but in use
error-fat-cluster-bad = cluster { $cluster } is marked bad
error-fat-pieces = a chain of more than { $most } pieces
error-fat-table-end = the entry lies past the end of the table
fat-times = local time of an unknown zone, shown as UTC

### Errors: hive
error-hive-hash = the list of subkeys has a wrong hash for "{ $key }"
error-hive-order = key "{ $key }" stands behind "{ $before }", out of the order of the list: Windows drops it
error-hive-key-same = two keys of one list are named "{ $key }"
error-hive-link = key "{ $key }" is a symbolic link
error-hive-list-room = a list of { $count } elements has room for { $room }
error-hive-ambiguous = key "{ $key }" has two { $what ->
        [values] values
       *[keys] subkeys
    } named "{ $name }"
error-hive-subkey-count = key "{ $key }" claims { $count ->
        [one] 1 subkey
       *[other] { $count } subkeys
    }, its lists have { $listed }
error-hive-list-twice = a list of subkeys is used twice
error-hive-subkeys-too-many = there are more subkeys than fit in the hive
error-hive-cell-type = cell of type { $expected } expected, found "{ $found }"
error-hive-data-resident = a value claims { $len } bytes of data in a field of 4 bytes
error-hive-data-nowhere = a value claims { $len } bytes of data and points to none
error-hive-data-segments = { $len } bytes of data do not fit in { $count ->
        [one] 1 segment
       *[other] { $count } segments
    }
error-hive-short = base block of { $len } bytes expected, the file has { $file }
error-hive-version = hive version 1.3 to 1.6 expected, found { $version }
error-hive-too-long = hive of { $len } bytes, at most { $most } are read
error-hive-bins-too-long = hive bins of { $len } bytes, at most { $most } are read
error-hive-cut = the last { $bytes } bytes of the hive bins are missing
error-hive-cell-offset = a cell's offset must be a multiple of 8 behind a bin's header
error-hive-cell-free = allocated cell expected, found a free one of { $len } bytes
error-hive-cell-size = cell of { $len } bytes does not fit in bins of { $bins } bytes
error-hive-cell-end = { $len } bytes from byte { $at } cross the end of a cell of { $cell } bytes
error-hive-key-twice = a key is used twice in the tree
error-hive-depth = keys are more than { $most } levels deep
error-hive-budget = the lists and data of its keys are longer than the hive itself
error-hive-log-incomplete = its base block is incomplete
error-hive-log-type = file type 1, 2 or 6 of a log expected, found { $found }
error-hive-log-other-hive = it belongs to another hive
error-hive-log-other-state = it belongs to another state of the hive
error-hive-no-log = no transaction log
error-hive-log-old = its entries from { $first } on are older than the hive
error-hive-log-gap = entry { $expected } expected, found { $found }
error-hive-log-length = its length { $len } is no multiple of 512 or too small
error-hive-bins-len = { $len } bytes of hive bins are no multiple of 4096 or too many
error-hive-log-hash = its hash is wrong
error-hive-log-pages = its list of { $count ->
        [one] 1 page
       *[other] { $count } pages
    } does not fit
error-hive-log-page = its page of { $len } bytes at byte { $at } of the bins does not fit
error-hive-log-bin = the bin of page { $page } names offset { $found }
error-hive-dirty = the hive is dirty (sequence numbers { $primary } and { $secondary }, checksum { $checksum ->
        [right] right
       *[wrong] wrong
    }) and could not be recovered: { $why }
error-hive-log = { $log }: { $why }
error-hive-log-entry = log entry { $number }: { $why }

### Errors: event logs
error-events-long = an event log of { $len } bytes, at most { $most } are read
error-events-header = no header of an event log
error-events-many = more than { $records } records or { $events } events
error-events-checksum = the checksum of a chunk is wrong
error-events-record = record { $number } is damaged
error-events-identifier = record { $number } has no identifier
error-events-chunk = a chunk is damaged

### Errors: guest
image-no-windows = the image holds no Windows
image-no-system = no operating system was found; name the volume (p2:/path)
error-guest-no-fs = { $volume } holds no file system
error-guest-name-end = the name "{ $name }" ends with a point or blank, which Windows takes off most paths
error-guest-drive = drive { $drive } is no volume of this image
error-guest-path-long = a path of more than { $most } components
error-guest-links = more than { $most } symbolic links on the way to { $path }
error-guest-path-empty = the path is empty
error-guest-no-directory = { $path } is no directory
error-guest-not-found = { $path }: no such file
error-mount-source = { $place }: { $spec }: { $why }
error-mount-other-disk = it is on another disk, which is not in the image
error-mount-outside = the contents of a mount of type { $kind } are not in the image
error-mount-no-volume = no readable volume of the image is this one
error-mount-ambiguous = { $count } volumes of the image are this one
error-mount-holds = it holds { $what }
error-mount-type = it is to be mounted as { $kind }, and was read as { $found }
error-mount-case = the volume is called { $found }; systemd and mount compare letters exactly, so whether it is mounted is not certain
error-mount-missing = nothing is there
error-mount-other-kind = a directory can only be bound to a directory, and a file to a file
error-mount-made = what is there is made at boot
error-mount-overlay = what layers show together is not followed
error-mount-option = the option { $option } is not followed
error-mount-many = { $count } entries, { $most } are read
error-mount-readers = systemd, mount and the initramfs do not read this line alike
error-mount-twice = { $at } has a mount already: systemd takes the first that is named, mount the last
error-mount-root = this names volume { $named } for the root, and the system on { $root } is judged
error-mount-hides = the mount on { $at } hides what stands below it: { $count ->
        [one] 1 file
       *[other] { $count } files
    }
error-mount-order = what is seen at { $at } depends on the order of mounts, and nothing sets it
error-mount-hides-units = the mount on { $at } hides { $folder }: systemd has taken its units from there before
error-mount-masked = a masked unit keeps { $at } from being mounted
error-mount-masked-required = { $unit } is masked, though local-fs.target requires it, and which other mounts systemd then starts is left to chance
error-mount-no-generator = { $at } is not mounted: the generator that reads fstab is masked
error-mount-unit-refused = systemd refuses { $unit }: its name and its mount point differ, or it has no source
error-mount-unit-long = the name of the unit for { $at } is too long to be followed
error-mount-specifier = the specifiers in { $unit } are not followed
error-mount-condition = whether { $unit } starts depends on the running machine
error-mount-first-boot = nothing wants { $unit } yet, but the presets enable it at the first boot
error-mount-argument = the kernel's argument { $argument } changes what is mounted, and was not followed
error-mount-extension = extensions lie over the system's own files and are not followed: { $count }
error-mount-generator = a generator that no distribution puts here may mount anything
error-mount-udev = this rule names disks by itself, and mounts find them by such names
error-mount-repart = systemd-repart makes and fills a partition before the system mounts anything
error-mount-automounter = the automounter mounts over { $at } what it is told at that time
error-mount-helper = { $program } mounts this in the place of the kernel, and what it does is not followed
error-mount-unused = the system mounts this volume nowhere
error-mount-boot = several volumes hold boot files, and nothing names one of them for /boot
error-registry-replayed = { $root }: not completely written, { $entries ->
        [one] 1 log entry was
       *[other] { $entries } log entries were
    } replayed over { $pages ->
        [one] 1 page
       *[other] { $pages } pages
    }
error-registry-absent = { $key } is not there
error-registry-no-hive = no hive of the image is loaded as { $root }
error-registry-select = HKLM\SYSTEM\Select\Default is not there or no number
error-registry-control-set = HKLM\SYSTEM\{ $name }, which Select\Default names, is not there
error-registry-next-control-set = the next boot uses control set { $next }, the last one used { $current }

### Errors: packages, rpm, baseline
error-rpm-short = the database is shorter than its header
error-rpm-form = the database is none of SQLite, rpm's own form (ndb) and Berkeley DB hash
error-rpm-page-end = page { $page } is behind the end
error-rpm-page-twice = page { $page } is used twice
error-rpm-page-size = a page size of { $found } bytes
error-sqlite-reserved = { $count } reserved bytes on each page are too many
error-sqlite-wal-page = its page size is not that of the database
error-sqlite-wal-pages = it makes the database { $count } pages long
error-sqlite-wal = write-ahead log: { $why }
error-sqlite-page-zero = page 0 is named, pages count from 1
error-sqlite-no-table = there is no table Packages
error-sqlite-no-root = the table Packages names no page
error-sqlite-depth = a b-tree of more than { $most } levels
error-sqlite-page = a page of type { $kind } with { $count ->
        [one] 1 cell
       *[other] { $count } cells
    } in the table
error-rpm-overlap = { $what ->
        [cells] cells of a page
        [blocks] the blocks of packages
       *[items] items of a page
    } overlap
error-sqlite-cell = a cell crosses the end of its page
error-rpm-package-long = a package of { $len } bytes, at most { $most } are read
error-sqlite-row-long = a row is longer than the database
error-sqlite-no-blob = a row of Packages has no blob
error-sqlite-row-cut = a row crosses its end
error-sqlite-column = a column has a reserved type
error-ndb-version = version { $version } of rpm's own database (ndb) is not read by this version
error-ndb-pages = { $count } pages of slots do not fit the file
error-ndb-slot = a slot has no magic number
error-ndb-end = a package of { $len } bytes crosses the end
error-ndb-head = the head of a package does not agree with its slot
error-ndb-tail = the tail of a package does not agree with its head
error-ndb-checksum = the checksum of a package is wrong
error-rpm-header-short = a package header of { $len } bytes is too short
error-rpm-header-entries = a package header of { $count } entries, 1 to { $most } expected
error-rpm-header-length = { $count ->
        [one] 1 entry
       *[other] { $count } entries
    } and { $bytes } bytes of data do not fill a package header of { $len } bytes
error-rpm-header-entry = entry { $number } points at byte { $at } of { $len }
error-rpm-region = the immutable region: { $why }
error-rpm-region-entry = its entry is not 16 bytes long
error-rpm-region-outside = its trailer is outside of the header
error-rpm-region-trailer = its trailer is not sound
error-rpm-region-count = it claims more entries than there are
error-rpm-region-behind = an entry points behind it
error-rpm-digest = file digests of algorithm { $algorithm } are not read by this version
error-rpm-files = the list of files can't be read
error-rpm-files-many = { $count } files, at most { $most } are read
error-rpm-files-lists = the lists of { $count ->
        [one] 1 file
       *[other] { $count } files
    } have different lengths
error-rpm-file-folder = file { $number } is in folder { $folder } of { $count }
error-rpm-file-digest = the digest of file { $number } is not valid
error-bdb-meta = the first page is of type { $kind }
error-bdb-unsupported = a Berkeley DB with checksums or encryption is not read by this version
error-bdb-cut = the last page is { $last }, the file has { $pages ->
        [one] 1 page
       *[other] { $pages } pages
    }
error-bdb-buckets = { $count } buckets do not fit the file
error-bdb-page = page { $page } says it is page { $own }
error-bdb-bucket = a page of type { $kind } among the buckets
error-bdb-items = { $count } items do not fit on a page
error-bdb-item = item { $number } is at bytes { $start } to { $end } of its page
error-bdb-key = a key that is no package's number
error-bdb-item-type = an item of unknown type { $kind }
error-bdb-overflow = an overflow page of type { $kind } with { $bytes } bytes
error-bdb-package = only { $found } of the { $len } bytes of a package are there
error-package-not-rpm = not an rpm package
error-package-digests = the file digests of { $package } are not SHA-256
error-package-read = { $format }: { $why }
error-package-rpm-header = there is no package header
error-package-rpm-long = a package header of { $len } bytes, at most { $most } are read
error-package-cut = { $what ->
        [rpm] the package header
        [tar] the tar archive
        [header] a header of the tar archive
       *[ar] the ar archive
    } is cut
error-baseline = not a reference database ("{ $why }")
error-baseline-schema = schema { $expected } expected, found "{ $found }"
error-baseline-digest = { $path }: "{ $digest }" is no SHA-256
error-tar-checksum = the checksum of a header of the tar archive is wrong
error-tar-name = a name in the tar archive has more than { $most } bytes
error-package-not-ar = not an ar archive
error-ar-header = a member of the ar archive has no valid header
error-deb-control-long = a control archive of more than { $most } bytes
error-deb-order = the data archive comes before the control archive
error-deb-control = the control archive holds no file control
error-tar-number = a header of the tar archive has no valid { $what ->
        [checksum] checksum
       *[size] size
    }

### Errors: trust (signatures, kernels, archives)
error-signature-digest-refused = a signature by { $key } with { $digest } proves nothing: the digest is not accepted with this key
error-signature-key-short = a signature by { $key } with { $digest } proves nothing: the key has fewer than { $bits } bits
error-signature-key-exponent = a signature by { $key } proves nothing: the public exponent has more than { $bits } bits
error-signature-key-unsound = a signature by { $key } proves nothing: the key is not valid
error-signature-curve = keys on curve { $curve } are not verified by this version
error-module-unread = the module, or the keys that it is judged by, could not be read
error-signature-too-many = more than { $most } { $what ->
        [certificates] certificates
        [entries] certificate entries
        [signers] signers
        [nested] nested signatures
        [members] members
        [packets] packets
        [subpackets] subpackets
        [lists] signature lists
        [sbat] lines of .sbat
       *[signatures] signatures
    }
error-signature-no-certificate = the signer's certificate is neither in the signature nor pinned
error-signature-no-signer = a signature without a signer
error-pe-cut = the MS-DOS header is cut
error-pe-optional = optional header of type 0x10b or 0x20b expected, found { $found }
error-pe-sections = { $count } sections, at most { $most } are read
error-pe-end = { $what ->
        [table] the certificate table
       *[section] a section
    } of { $len } bytes at byte { $start } crosses the end at byte { $end }
error-pe-headers = SizeOfHeaders { $len } does not fit
error-pe-section-long = section { $name } of { $len } bytes, at most { $most } are read
error-pe-overlap = a section begins at byte { $start }, before the end of what precedes it at byte { $end }
error-pe-table-overlap = the certificate table overlaps a section
error-pe-entry = a certificate entry of { $len } bytes does not fit its table
error-pe-table-long = a certificate table of { $len } bytes, at most { $most } are read
error-pe-imports = the table of the libraries that it is linked with leads out of the file, or is too long
error-signature-content = { $expected } expected, found content type { $found }
error-signature-digest = the digest { $digest } is not read by this version
error-signature-block-open = a signature block of a script without an end
error-signature-block-line = a signature block of a script has a line that is no part of a signature
error-signature-block-long = a signature block of a script has more than { $most } characters
error-signature-block-behind = something stands behind the signature block of the script
error-signature-block-form = the signature is not one of a script of this kind
error-signature-encoding = the signature is of another text than those that the bytes are in UTF-8 and in Latin-1: the code page of the signer is not known
error-packed-damaged = the { $packing } stream is damaged
error-packed-cut = the { $packing } stream is cut
error-packed-block = the { $packing } stream has a block of { $len } bytes, which does not fit
error-packed-length = the { $packing } stream unpacks to { $found } bytes, { $expected } expected
error-packed-ratio = the { $packing } stream of { $len } bytes can't unpack to { $expected }
error-packed-limit = it unpacks to more than { $most } bytes
error-kernel-protocol = boot protocol { $version } does not say where the payload is
error-kernel-setup-cut = the set-up header is cut
error-kernel-payload = the payload of { $len } bytes at byte { $start } does not fit in { $size } bytes
error-kernel-packing = the kernel is packed in an unknown way (it begins with { $found })
error-kernel-long = a kernel of { $len } bytes, at most { $most } are unpacked
error-kernel-length = the payload unpacks to { $found } bytes, { $expected } expected
error-kernel-certificates = too many certificates, or bytes that look like one, in the kernel
error-kernel-cut = the kernel of { $len } bytes is cut: the file has { $size }
error-kernel-end = the packed kernel crosses the end of the file
error-grub-end = { $what ->
        [codes] the codes of GRUB's core cross
        [object] an object of GRUB's core crosses
       *[packed] the packed part of GRUB's core crosses
    } its end
error-grub-no-objects = GRUB's core has no list of objects
error-grub-objects = more than { $most } objects in GRUB's core
error-sbat-line = line { $line } of .sbat is no entry
error-kernel-config = the embedded configuration has no end
error-der-missing = DER: an element is missing
error-der-tag-long = DER: a tag of more than one byte
error-der-length-cut = DER: the length is cut
error-der-length = DER: an indefinite or oversized length
error-der-cut = DER: an element of { $len } bytes, { $left } are left
error-der-tag = DER: tag { $expected } expected, found { $found }
error-der-end = DER: tag { $expected } expected, found the end
error-der-oid = DER: the object identifier is not sound
error-signature-no-content = the signed content is missing
error-catalog-use = a catalog list expected, found a list for { $found }
error-module-trailer = the trailer of the module's signature is cut
error-module-kind = a module signature of kind { $kind } is not PKCS#7
error-module-length = a signature of { $len } bytes does not fit in a module of { $size } bytes
error-module-content = the module's signature brings a content of its own
error-certificate-long = a certificate of more than { $most } bytes
error-signature-algorithm = signatures by the algorithm { $algorithm } are not verified by this version
error-certificate-time = a time expected
error-trust-file = { $file } holds neither a certificate nor an OpenPGP public key
error-ci-format = a policy of format 1 to 8 expected, found { $found }
error-ci-header = no header of a code integrity policy
error-ci-setting = a setting of unknown type
error-ci-part = part { $part } of the format expected
error-ci-cut = the policy ends early
error-shim-vendor = the vendor data of { $len } bytes at byte { $start } do not fit in their section
error-shim-list-cut = a signature list is cut
error-shim-list = the lengths in a signature list do not fit
error-shadow-line = a line that is no entry of shadow(5)
error-shim-kind = a signature list of an unknown kind
error-elf-none = no little-endian ELF file
error-elf-cut = the ELF header is cut
error-elf-size = section headers of { $len } bytes are too short
error-elf-outside = { $what ->
        [header] section header
       *[section] section
    } { $number } is outside of the file
error-elf-sections = { $count } sections, at most { $most } are read
error-cpio-unknown = neither a cpio archive nor a known packing
error-cpio-aligned = an archive must begin at a multiple of 4 bytes
error-cpio-empty = a segment without bytes
error-cpio-packing = an archive packed with { $packing } is not read by this version
error-cpio-bytes = it unpacks to more bytes than allowed
error-cpio-junk = junk where an archive should begin
error-cpio-header = no header of the newc form
error-cpio-field = a field of the header is not hexadecimal
error-cpio-name-length = a name of { $len } bytes, 1 to { $most } expected
error-cpio-name = a name does not end with NUL
error-cpio-members = there are more members than allowed
error-cpio-link = the target of a link is too long
error-cpio-checksum = the checksum of a member's body is wrong
error-cpio-stream = the stream is damaged
error-cpio-cut = { $what ->
        [header] a header
        [name] a name
        [padding] the padding
       *[body] the body of a member
    } is cut
error-cpio-unpacked = { $detail } (at byte { $at } of the unpacked { $packing } segment)
signature-bad = { $signer }: { $fault ->
        [digest] the signed digest is not that of the file
       *[key] the key does not verify the signature
    }
error-openpgp = OpenPGP: { $why }
error-openpgp-head = the head of a packet is not sound
error-openpgp-end = a packet crosses the end
error-openpgp-cut = a packet is cut
error-openpgp-no-key = there is no public key
error-openpgp-version = OpenPGP { $what ->
        [key] keys
       *[signature] signatures
    } of version { $version } are not read by this version
error-openpgp-v3 = a key of version 3 that is not RSA
error-openpgp-dsa = the numbers of a DSA key are out of bounds
error-openpgp-no-signature = there is no signature
error-openpgp-signature = a signature is cut
error-openpgp-subpacket = a subpacket is cut
error-openpgp-digest = the OpenPGP digest number { $number } is not read by this version
error-key-bits = the key does not consist of whole bytes
error-key-rsa = an RSA key with a modulus of { $modulus } bytes and an exponent of { $exponent } bytes is out of bounds
error-key-algorithm = signatures by keys of the algorithm { $algorithm } are not verified by this version

### Errors: evidence, Linux
error-ssh-quote-open = a quote that is not closed
error-ssh-single-quote = a single quote, which releases of OpenSSH read differently
error-ssh-option = the value of this option is known only when the machine runs: { $value }
error-ssh-backslash = a backslash, which releases of OpenSSH read differently
error-pattern-backslash = a backslash at the end
error-pattern-collating = equivalence classes and collating symbols
error-pattern-range-collating = a range to a collating symbol
error-pattern-range = a range without an end
error-pattern-slash = a slash in brackets
error-pattern-open = a bracket that is not closed
error-pattern-case = a class of case where case does not count
error-pattern-class = an unknown class
error-pattern-stars = the pattern { $pattern } has more than { $most } stars
error-glob-names = a pattern fits { $count } names; the first { $most } are looked at
error-yaml = line { $line } is not sound YAML
error-pattern-utf8 = the pattern { $pattern } is not UTF-8
error-ssh-include = Include { $value }: { $why }
error-pattern-long = a pattern of { $len } bytes, at most { $most } are read
error-pattern = the pattern { $pattern } can't be read: { $why }
error-index-text = a text of the index has no end
error-index-none = not an index of depmod
error-index-cut = the index is cut
error-index-loop = the index leads back to itself
error-index-node = a node of the index is cut
error-initramfs-section = there is no section { $section }
error-boot-not-there = { $path }, which this entry loads, is not in the image
error-module-long = a module of more than { $most } bytes
error-initramfs-none = it holds no archive
error-initramfs-twice = { $name } stands in it more than once, with different contents
error-initramfs-name = { $what ->
        [absolute] an absolute name
       *[up] a name with ..
    }: { $name }
error-too-many = more than { $most } { $what ->
        [modules] files that may be modules, or too many bytes of them
        [links] links to folders of modules
        [includes] included files
        [units] systemd units
        [kernels] kernels
        [configurations] configurations that lead to one another
        [policies] policies
        [catalogs] catalogs
        [objects] objects
        [parents] objects to inherit from
        [elements] elements
        [properties] properties in a certificate's blob
        [keys] keys
        [consumers] event consumers
        [definitions] definitions of event consumers
        [names] names
        [folders] folders
        [actions] actions of a task
        [programs] programs
        [versions] versions of an assembly
        [libraries] libraries
        [runs] runs of Sysprep
        [commands] commands
        [systems] operating systems
        [attributes] attributes of one element, or name spaces
        [volumes] volumes with a file system
        [characters] bytes of one command
        [lines] lines
        [entries] entries
        [symbols] symbols
        [levels] levels
       *[files] files
    }: the rest is not read
error-kernel-release = the release "{ $release }" is no folder name
error-apk = { $what ->
        [field] not a field
        [folder] a file without a folder
        [file] a digest without a file
        [kind] a digest of an unknown kind
       *[digest] an invalid digest
    }: { $line }
error-rpm-journal = a rollback journal is not read by this version
error-rpm-many = too many packages: { $count } with { $bytes } bytes are read
error-rpm-no-name = a package without a name
error-no-list = the list of the files of the package { $package } is not there
error-ostree = { $volume } holds systems that OSTree deployed, which this version does not read
error-pacman = a pacman database is not read by this version
error-wtmp = { $len } bytes are no records of a known form
error-bios-code = the code of the first sector is not that of a GRUB or extlinux of this system
error-bios-active = the first sector starts the active partition, and the partition table does not have exactly one that can be read
error-bios-boot-sector = the boot sector of the active partition is not that of an extlinux of this system
error-bios-ldlinux = what the boot sector of the active partition loads is not ldlinux.sys of this system's extlinux with its modules
error-bios-once = ldlinux.sys keeps a command for the next boot, or what it keeps can't be read
error-bios-core-place = the first sector names no place of GRUB's core
error-bios-core-long = GRUB's core has more than { $most } bytes
error-bios-unpacker = what unpacks GRUB's core is not that of a GRUB of this system
error-bios-codes = the correction codes of GRUB's core do not belong to its bytes, so other bytes run than those that were read
error-kernel-form = a kernel image of an unknown form
error-cmdline-long = a command line of { $len } bytes is too long
gaps-more = and { $count } more that could not be read or told: not listed
error-lists-long = the lists of the packages' files have more than { $most } bytes in all: the rest is not read
error-budget-read = more than { $most } bytes would have to be read: whatever came after them was not read
error-budget-memory = more than { $most } bytes of memory would have to be held at once: whatever came after that was not read
error-budget-steps = file systems would have to be asked more than { $most } times: whatever came after that was not read
error-volume-again = it begins where { $first } begins: its content is that of { $first }
error-names-many = { $count } names, of which { $most } are read
error-kernel-hidden = something else is mounted over this kernel, which a boot loader may start

### Errors: evidence, Windows
error-catalogs-bytes = the catalogs have more than { $most } bytes: the rest is not read
error-catalog-changed = the catalog is not what its signer signed
error-sam-hash = the password hash of a user is in no known form
error-sam-key = the key of the accounts is in no known form, or not encrypted with this system's boot key
error-boot-key-elsewhere = the boot key is not in the registry (SecureBoot { $mode })
error-boot-key = no boot key in the class names of JD, Skew1, GBG and Data
error-registry-link = the key is a link to another key, which is not followed
error-xml = line { $line } is not valid XML
error-sweep-deep = a folder more than { $most } levels down: it is not read
error-program-long = a program of { $len } bytes, at most { $most } are read
error-bcd-objects = the store has no key Objects
error-bcd-object = there is no object { $id }
error-bcd-element = the name of an element, "{ $name }", is no number
error-bcd-data = the data of element { $element } are of an unknown form
error-bcd-no-data = an element without data
error-blob-property = the property at byte { $at } crosses the end of the certificate's blob
error-pattern-names = more than { $most } names to compare with { $pattern }: the rest is not read
error-sam-no-rid = a user's name has no value that holds its identifier
error-sam-name = the key of a user is named "{ $name }", eight hexadecimal digits expected
error-value-type = a value of type { $kind }, which is not read here
error-unallocated-long = more than { $most } bytes outside of partitions hold data
error-pending-pairs = the list of files to rename does not come in pairs, or something stands behind its end
error-registry-type = { $name } has another type than Windows writes; what programs make of it can't be told
error-registry-no-value = there is no value { $name }
error-sam-short = the record ends early
error-wmi-long = a repository of { $len } bytes, at most { $most } are searched
error-tasks-many = more than { $most } tasks, or folders of more than { $levels } levels
error-task-version = actions of version { $version } are not read by this version
error-execution-deep = a program carries another, more than { $most } deep
error-execution-unclear = what this runs can't be told: { $text }
error-execution-relative = where the relative name { $path } is looked for can't be told
error-execution-settings = { $path }, which its settings are read from, does not exist
error-execution-remote = what runs is on another computer: { $path }
error-execution-device = a device or drive that can't be told from the image: { $path }
error-execution-variable = a variable without a value: { $path }
error-execution-link = the shell link does not say plainly what it starts
error-task-kind = an action of unknown kind { $kind } at byte { $at }
error-task-cut = the actions end within { $len } bytes at byte { $at }
error-task-text = a text of { $len } bytes in an action, at most { $most } are read
error-name-utf16 = the name is no valid UTF-16: the folder is not read
error-outside = { $what } is outside of this image
error-desktop-many = more than { $most } files, or folders of more than { $levels } levels, on a desktop
error-no-disk = the disk of this system is not known

### Windows services: what stands against a start
win-start-account = the service { $service } runs as { $account }, an account that is not there
win-start-account-off = the service { $service } runs as { $account }, an account that is disabled, locked or expired
win-start-bad-type = the service { $service } has Type { $kind }, which is no program that Windows starts
win-start-debugger = a debugger runs in place of the program of { $service }: { $debugger }
win-start-delay = services that start delayed wait { $seconds } seconds
win-start-denied = the service { $service } runs as { $account }, which is kept from logging on as a service
win-start-disabled = the service { $service } is disabled
win-start-domain = the service { $service } runs as { $account }, an account of another machine
win-start-environment = the service { $service } has an environment of its own: { $variables }
win-start-group = the service { $service } needs the group { $group }, of which none of { $members } members starts
win-start-local = a folder or file .local beside the program of { $service } makes it load other libraries
win-start-key-denied = the access list of the key does not let the service control manager read the service { $service }
win-start-file-denied = the access list of a file of the service { $service } does not let { $account } run it
win-start-folder-denied = access lists in the folder of the service { $service } do not let { $account } read or run what is there: { $count }
win-start-loop = the service { $service } needs { $needed }, which needs it in turn
win-start-missing = the service { $service } needs { $needed }, which is not there
win-start-moved = { $path }, which the service { $service } needs, is deleted or renamed when Windows starts
win-start-no-file = the service { $service } needs the file { $path }, which is not there
win-start-no-network = { $needed }, without which nothing talks to the network, is not there
win-start-no-password = the service { $service } runs as { $account }, whose password is not stored
win-start-no-right = the service { $service } runs as { $account }, which is not seen to have the right to log on as a service
win-start-no-type = the service { $service } has no Type: Windows takes it for none
win-start-odd-type = the service { $service } has Type { $kind }, of which it can't be told whether it starts
win-start-mitigation = a protection of all processes keeps programs or libraries from running that are not Microsoft's, or that make code
win-start-options = image file execution options change the process of { $service }: { $name }
win-start-override = StartOverride may replace the start type of { $service }
win-start-per-user = the service { $service } has Type { $kind }: a template for the services of users, which itself never starts
win-start-protected = the service { $service } is started only where its program is signed for a protected process
win-start-replaced = { $path }, which the service { $service } needs, is replaced when Windows starts
win-start-safe-mode = Windows starts in safe mode, where other services do not start
win-start-svchost = the group { $group } of svchost does not list the service { $service }
win-start-timeout = services that do not answer within { $milliseconds } ms are given up
win-start-trigger = an event stops the service { $service }
win-service-hindered = { $why } (error { $error })
win-service-fix-hindered = mend what keeps the service { $service } from starting, or install it again

### Windows batch files
error-batch-block = its parentheses, labels or carets can't be followed
error-batch-control = it holds control characters, which cmd.exe reads in its own way
error-batch-delayed = variables between exclamation marks are replaced when it runs
error-batch-jump = it jumps to a label that can't be told
error-batch-long = it is too long or too deep to be followed
error-batch-loop = it runs in a loop that is not followed to its end
error-batch-variable = the value of %{ $name }% can't be told
error-script-kind = what { $name } does is not read by this version
error-ini-line = a line that is neither a section, a value nor a comment: the program refuses the file
error-ini-encoding = bytes that Python does not read in the code page of the system: the program refuses the file
error-of-cloud = a file of a cloud provider: Windows serves it only where that one knows it

### Ring 0: levels and their reasons
ui-clauses = { $clauses }
password-empty = empty
password-shadowed = in the shadow file
password-locked = locked
password-locked-hash = locked, with a password behind
password-invalid = invalid
image-registry-key = `{ $key }` is not a key that is looked up here: HKLM\SYSTEM\… or HKLM\SOFTWARE\…
ring0-made-as-program = its signature is that of the program { $name }, which is no driver
ring0-trusted = its Authenticode digest is the signed one, and the signature ends at a pinned certificate
ring0-signer-ends = the signer's certificate expires on { $day }; this is not judged, as boot files are used for longer than their certificates are valid
ring0-anchor-one-source = only one source vouches for the pinned certificate
ring0-anchor-source = only one source vouches for the pinned certificate: { $source }
ring0-signed-bytes-differ = it has a signature, but its bytes are not those that were signed
ring0-issuer-forged = its signer claims to be issued by a pinned authority, which did not issue it
ring0-signature-unread = its signature could not be judged: { $why }
ring0-no-pe = not a PE image and so not signed
ring0-unsigned = it is not signed
ring0-unanchored = its signer is not vouched for by any pinned certificate
ring0-self-signed = its certificate is self-signed
ring0-in-no-catalog = it has no signature, and no catalog lists it
ring0-signs-for-anybody = { $anchor } also signs for others than Microsoft
ring0-driver-of = driver of { $services }
ring0-in-catalog = listed in the catalog { $catalog }
ring0-time-stamp = its time stamp says that it was signed at { $at }
ring0-unread = it could not be read: { $why }
ring0-shim-carries = { $shim } carries { $authority }
ring0-a-shim-carries = shim carries { $authority }
ring0-no-shim-carries = no proven shim of this image carries { $authority }, so nothing would start it
ring0-shim-accepts = a shim, which accepts what { $authority } signed
ring0-shim-unread = whose signatures it accepts could not be read: { $why }
ring0-kernel-unowned-signed = no package owns it; its signature proves it
ring0-copy-of = a copy of { $path }
ring0-started-by-bios = started by a BIOS, which verifies no signature
ring0-boot-pieces-explained = { $pieces ->
    [one] its one piece comes
   *[other] all { $pieces } pieces come
 } from files of packages
ring0-boot-code-unread = not all of it could be taken apart: { $why }
ring0-boot-piece-changed = { $piece } is made of a file of which its package recorded another digest
ring0-boot-piece-unowned = { $piece } is made of no file that a package owns
ring0-other-vendor = { $authority } is not the vendor of this system
ring0-vendor-unknown = whether the signer is the vendor of this system is not known
ring0-image-unread = its image could not be taken apart
ring0-no-release = its version can't be told, so its modules were not found
ring0-in-signed-header = its digest is the one in the package's header, which a pinned key of this system's vendor signed
ring0-not-in-signed-header = its digest is not the one in the package's header, which a pinned key of this system's vendor signed
ring0-record-forged = the record of its package was changed: { $why }
ring0-record-equal = the same digest is in the package's unsigned record
ring0-record-differs = the package recorded another digest
ring0-unsigned-record-differs = another digest is in the package's unsigned record
ring0-nothing-speaks = neither a signature nor a package's record speaks for it
ring0-unowned = no package owns it
ring0-owner-unknown = whether a package owns it can't be told: { $why }
ring0-no-package-database = there is no package database that this version reads
ring0-by-unproven-kernel = the kernel's own key signed it, but the kernel itself is not proven
ring0-kernel-key-bytes-differ = it names the kernel's own key, but its bytes are not those that were signed
ring0-foreign-key = it is signed by a key that is not built into the kernel
ring0-kernel-keys-unread = the kernel's keys could not be read, so its signature was not verified
ring0-no-module-keys = it is not signed, as this kernel has no keys for modules
ring0-for-no-booting-kernel = it is a module for no kernel that boots
ring0-starts-foreign = line { $line } starts { $starts } with { $by }, which is no Linux kernel
ring0-starts-early = line { $line } starts { $starts } before any menu is shown
ring0-runs = line { $line } runs: { $what }
ring0-argument-redirects = line { $line }: { $argument } makes another program run
ring0-argument-weakens = line { $line }: { $argument } switches a protection off
ring0-config-explained = not signed; its entries start only what this list names, and no argument redirects or weakens
ring0-left-over = { $name }: { $why }
ring0-cause-unknown = nothing in the system explains it
ring0-cause-differs = it differs from { $path }
ring0-cause-recorded = it equals { $path }, of which { $package } recorded another digest
ring0-cause-unowned = it equals { $path }, which no package owns
ring0-cause-derived = it is not what its sources give: { $how }
ring0-cause-changed = it equals { $path }, a setting of { $package } that was changed
ring0-cause-no-applet = it equals { $path }, which has no command of that name
ring0-cause-admits = whoever holds its keys is let in before the system starts
ring0-cause-secret = it equals { $path }, a key that every copy of the image has
ring0-cause-dracut = dracut writes such files for the machine that it runs on, and what it gives was not derived
ring0-cause-unproven = a module that its kernel's key does not prove
ring0-members = { $files ->
        [one] 1 file
       *[other] { $files } files
    }: { $same } equal the same path of the root file system ({ $modules } of all are modules), { $copied } another file of the system, { $derived } derived or empty, { $left } not explained
ring0-nobody-owns = there is no package database that tells who owns the files that it equals
ring0-only-recorded = { $files ->
        [one] 1 file is backed
       *[other] { $files } files are backed
    } only by the package database, which is unsigned
ring0-parts-unread = parts of it could not be read: { $why }
ring0-part-of-kernel = it is part of the kernel image, whose signature covers it
ring0-reference-equal = equal to the reference database ({ $from })
ring0-reference-differs = the reference database has other bytes for this version ({ $from }: { $sha256 })

ring0-lacks-kernel = no kernel was found
ring0-lacks-windows-kernel = there is no kernel System32\ntoskrnl.exe
ring0-lacks-default = which kernel boots by default can't be told
ring0-lacks-parts = { $parts ->
        [one] 1 part
       *[other] { $parts } parts
    } could not be read
ring0-lacks-loader = no boot loader was found: what starts the kernel is not proven
ring0-lacks-config = no configuration of a boot loader was found
ring0-lacks-store = there is no boot configuration: what starts the kernel is not proven
ring0-lacks-modules = the kernel loads modules, but none was found
ring0-starts-no-kernel = the boot menu starts { $starts }, which is no kernel of this image
ring0-initramfs-unexamined = the initramfs { $path } of { $starts } was not examined
ring0-integrity-off = { $entry }: code integrity is off ({ $element })
ring0-lacks-all = the system could not be examined
ring0-lacks-image = parts of the image could not be read
ring0-lacks-system = no operating system was found
ring0-rests-on-key = { $key } signed { $count ->
    [one] 1 file
   *[other] { $count } files
 }
ring0-rests-on-reference = { $count ->
    [one] 1 file equals
   *[other] { $count } files equal
 } an independent reference
ring0-rests-on-files = { $count ->
    [one] the files and package records of the system itself, which nobody signed, explain 1 file
   *[other] the files and package records of the system itself, which nobody signed, explain { $count } files
 } ({ $paths })
ring0-least = { $path }: { $reasons }
ring0-least-more = { $count } more at { $level }

ring0-generated-architecture = it names { $found }, which is not the architecture of the packages
ring0-generated-architectures = it holds more than the architecture
ring0-generated-no-module = { $name } is no module of this initramfs
ring0-generated-no-script = a line calls no script of { $folder }: { $line }
ring0-generated-no-member = { $path } is no member of this initramfs
ring0-generated-cache = it is not a library cache that can be read
ring0-generated-resume = it holds more than RESUME= and a device
ring0-generated-more = it has a line that its sources do not give: { $line }
ring0-generated-less = it lacks a line that its sources give: { $line }

ring0-level = { $level } ({ $meaning })
ring0-level-k0 = proven modified
ring0-level-k1 = not what its vendor shipped
ring0-level-k2 = foreign or unreadable parts
ring0-level-k3 = unproven, agrees with itself
ring0-level-k4 = equal to a reference
ring0-level-k5 = proven by vendor signatures
ring0-explained = explained
ring0-object = { $standing } { $place } ({ $kind })
ring0-label-level = level
ring0-label-signer = signer
ring0-label-anchor = anchor
ring0-label-package = package
ring0-label-modules = modules
ring0-label-unread = not read
ring0-kind-boot-loader = boot loader
ring0-kind-boot-code = code that a BIOS starts
ring0-kind-default-kernel = kernel, boots by default
ring0-kind-kernel = kernel
ring0-kind-module = module
ring0-kind-config = boot configuration
ring0-modules-count = { $count }, of which { $proven } are proven
ring0-modules-more = { $count ->
        [one] 1 more is not proven; -f json lists it
       *[other] { $count } more are not proven; -f json lists them
    }
ring0-by-given-key = a key that was given (--trust) signed it
ring0-anchor-kernel-key = built-in key of the kernel { $kernel }
ring0-anchor-kernel-image = the kernel image { $kernel }

### Evidence in words, Linux
boot-other-loader = the menu of another boot loader has another default
boot-other-config = another configuration of GRUB has another default
boot-default-in-firmware = the default ({ $value }) is kept in variables of the firmware
boot-default-elsewhere = the default ({ $value }) is not kept in this file
boot-include = it includes { $file }, which is not read
boot-no-volume = no mounted volume is { $target }
boot-script-form = the script can't be understood from here on
boot-script-endless = the script does not end
boot-script-deep = blocks or functions of the script are nested too deeply
boot-script-function = a function of the script has the name of the command { $command }, and which of the two runs depends on the build of the loader
boot-script-value = a value that { $command } uses is only known at boot
boot-script-command = what the command "{ $command }" does is not known
boot-script-outside = { $path } is on no volume of the image that the loader's script can be followed to
boot-script-leaves = the script leaves the boot loader for the firmware
boot-script-before = the file is not there, and what was loaded before it stays loaded
boot-script-newc = a file is put into the initial file system as { $name }
boot-script-paths = conditions that are only known at boot lead more ways than are followed
boot-environment-form = a name in the environment block holds what no name may hold, so that loader and tools read it differently
boot-entries-tie = two entries have the same place in the order
boot-entry-key = { $key } of an entry is read by some versions of the loader only
boot-addon = an add-on adds to the kernel's arguments
boot-default-unsure = which entry is the default depends on the build of the loader or on values that are only known at boot
boot-companion = this file is handed to the initial file system of a unified image
boot-default-changes = the default changes from boot to boot
boot-loader-unknown = what { $path } starts is not known
boot-loader-memory-disk = the memory disk inside { $path } is not read
boot-journal = until its journal is replayed, this is not what the disk holds, and boot loaders replay none
boot-loader-options = a list of boot options starts its program with "{ $options }"
boot-script-prefix = commands could load modules from { $folder }, where modules are not compared with those of packages
boot-script-changes = { $command } changes devices, memory or tables of the firmware before a kernel starts
boot-starts-other = what starts by itself is no Linux kernel: { $command }
boot-starts-nothing = what starts by itself loads nothing
boot-no-entry = the loader finds nothing that it could start
boot-script-loop = a loop makes part of the menu
boot-script-condition = the menu depends on a condition that is only known at boot
kernel-no-elf-headers = the kernel has no ELF headers
package-digest = the { $digest } in the header is not the header's
package-signature = the signature by the key { $key } does not match the header

### Evidence in words, Windows
bcd-partition = partition { $partition } of disk { $disk }
bcd-partition-at = partition at byte { $offset } of disk { $disk }
bcd-device = device of type { $number }
bcd-ram-disk = RAM disk in { $path } on { $device }
bcd-file = disk in the file { $path } on { $device }
bcd-yes = yes
bcd-no = no
pe-no-program = its header says that it is no program (flags { $flags })
pe-no-sections = it has no section
pe-no-entry = its entry point is in no section
pe-cut = a section ends at byte { $end }, the file has { $len }

### Policies: loading and checking
policy-bad-only-wrong = only and wrong exclude each other
policy-bad-no-note = note is missing
policy-bad-no-list = only or wrong is missing
policy-bad-same-rule = the rule is duplicated
policy-bad-duplicated = { $entry } is duplicated
policy-bad-none = at least one entry is needed
policy-bad-empty = it is empty
policy-bad-key = { $key } is no key below HKLM\SYSTEM, HKLM\SOFTWARE, HKLM\SAM, HKLM\SECURITY or HKU
policy-bad-not-reported = it is not among those in report
policy-bad-capitals = capital letters are never found, because names are compared in lower case
policy-bad-outcome = pass, warn or fail is expected
policy-bad-empty-name = a name is empty
policy-bad-both = { $entry } is in { $other } too
policy-bad-space = { $entry } has white space, which no argument has
policy-bad-rule = contains, without or is must be given
policy-bad-advice = it breaks a rule of { $name }
policy-bad-sid = { $sid } is no SID of a machine (S-1-5-21-…)
policy-bad-sha256 = { $digest } is no SHA-256 (64 hexadecimal digits)
policy-bad-bit = 0 is no bit
policy-bad-digits = { $count } hexadecimal digits are expected
policy-bad-words = words go with "when: contains", which needs them
policy-bad-no-effect = { $name } has no effect with "judge: { $judge }": leave one of the two out
policy-bad-unneeded = { $name } is neither in needed nor in wanted
policy-bad-port = 0 is no port
policy-bad-ending = { $ending } begins with a dot, which is not part of an ending here
policy-fault = { $place }: { $problem }
policy-faults = { $count ->
    [one] { $first }
   *[other] { $count } faults, the first: { $first }
 }
policy-yaml = not valid YAML: { $problem }
policy-yaml-other = not valid YAML; the parser says “{ $problem }”
policy-yaml-begins = `{ $found }` can begin no value: put the value into quotation marks
policy-yaml-quote = a quotation mark is not closed
policy-yaml-list = a list in brackets is not closed, or a comma is missing in it
policy-yaml-map = a map in braces is not closed, or a comma is missing in it
policy-yaml-bracket = a bracket closes what was not opened
policy-yaml-tab = there is a tab where only spaces may be
policy-yaml-colon = a colon with a space behind it is not expected here: put the text into quotation marks, or correct the indentation
policy-yaml-behind-quote = there is more behind a closing quotation mark
policy-yaml-escape = this escape is unknown: double the backslash, or use single quotation marks
policy-yaml-key = a key with a colon and a space behind it is expected
policy-yaml-indentation = the indentation does not fit the lines above
policy-yaml-value = a value is expected here
policy-yaml-comment = the comment is not expected here: it begins with a space and a hash sign, and none is in a text of several lines
policy-yaml-character = a character that no YAML may hold
policy-empty = the file holds nothing
policy-documents = the file holds several YAML documents
policy-tag = YAML tags are not used in policies
policy-alias = the alias names nothing that was read before
policy-key-form = a key must be plain text
policy-too-long = longer than { $most } bytes
policy-too-large = more than { $nodes } values, or more than { $depth } lists and maps inside each other
policy-not-utf8 = not UTF-8 at byte { $at }
policy-duplicate-key = the key `{ $key }` is duplicated (first in line { $line })
policy-duplicate-check = the check `{ $id }` is duplicated (first in line { $line })
policy-duplicate-entry = `{ $entry }` is duplicated (first in line { $line })
policy-unknown-key = unknown key `{ $key }`
policy-unknown-key-known = unknown key `{ $key }`; known are { $known }
policy-unknown-key-meant = unknown key `{ $key }`; did you mean `{ $meant }`?
policy-unknown-word = `{ $word }` is not known here; known are { $known }
policy-unknown-word-meant = `{ $word }` is not known here; did you mean `{ $meant }`?
policy-meant = { $problem }; did you mean `{ $meant }`?
policy-missing-key = the key `{ $key }` is missing
policy-type = { $expected } expected, found { $found }
policy-no-form = the value has none of the forms that are possible here
policy-kind-text = text
policy-kind-number = a number
policy-kind-bool = true or false
policy-kind-list = a list
policy-kind-map = a map
policy-kind-nothing = nothing
policy-kind-words = text, or a map with en and zh,
policy-schema = the schema `{ $expected }` is expected, found `{ $found }`
policy-no-checks = the policy has no checks
policy-no-check = there is no check `{ $id }`
policy-no-test = there is no test `{ $test }`
policy-no-title = the check `{ $id }` has no title
policy-no-shared = the test `{ $test }` needs `{ $param }` under params
policy-other-system = the test `{ $test }` speaks of another system; did you mean `os: { $os }`?
policy-no-arguments = the policy { $id } has no kernel_arguments under params, so no level can be told
policy-waiver-digest = image_sha256 must be 64 hexadecimal digits
policy-waiver-day = the last day is written like 2027-01-31, found `{ $found }`
policy-no-built-in = there is no built-in policy `{ $name }`; built in: { $known }
policy-no-folder = only a policy in a file can extend another file
policy-link = the file is a symbolic link
policy-empty-key = `{ $key }` holds nothing: give it a value or delete the key
policy-not-address = `{ $found }` is not an IP address
policy-no-approved = an approved server is needed
policy-not-thumbprint = `{ $found }` is not a SHA-1 thumbprint of 40 hexadecimal digits
policy-not-sector = { $found } is no size of sectors: a power of two from 512 to 4096
policy-not-file = `{ $name }` is not a regular file
policy-unreadable = the policy can't be used
policy-remove-alone = the policy extends none, so there is nothing to remove: `extends` is missing
policy-extends-deep = more than { $most } policies extend each other
policy-extends-cycle = the policy extends itself through `{ $name }`
policy-extends-elsewhere = `{ $name }` is not in the folder of the policy: only a file beside it can be extended

### Checks in common
waiver-applied = waived by { $approver }, ticket { $ticket }, until { $expires }: { $reason }
check-fix-by-hand = Remove or repair by hand what the finding names: its name holds characters that a command line acts upon
check-gaps = { $count ->
    [one] it can't be told, because { $place } could not be read
   *[other] it can't be told, because { $count } parts could not be read, the first { $place }
 }
check-gaps-nowhere = { $count ->
    [one] it can't be told, because a part could not be read
   *[other] it can't be told, because { $count } parts could not be read
 }
check-no-such-test = the policy names the test { $test }, which does not exist
check-bad-parameter = a parameter of the policy does not fit: { $problem }
check-error = the check failed: { $error }
check-no-system = no operating system was found in what could be read of the image
check-other-system = the rule is for another operating system
fix-gap-unsupported = Store { $places } in a form that imgscan reads (no encryption; ext, NTFS or FAT), and scan again
fix-gap-look = imgscan can't read the form of { $places }: have a person look at it, and explain it on the product page
fix-gap-budget = Let imgscan read more (--max-read BYTES, --max-steps COUNT, --max-memory BYTES), or find out what in the image is so large or so many, and scan again
fix-gap-limit = Remove what goes beyond the limits in { $places }, and scan again
fix-gap-io = Make the image file and the files that it names readable for imgscan (rights; --backing-dir for another folder), and scan again
fix-gap-corrupt = Repair { $places } in the system, shut it down cleanly, build the image again, and scan again
fix-gap-whole-image = the image
fix-gap-places = { $places } and { $more } more
fix-gap-cut-off = The image file ends too early: export it again and upload it again, and compare its size and checksum with those of the source (stat -c %s FILE; sha256sum FILE); nothing inside of it needs to be repaired
fix-gap-convert = Convert the image to qcow2, and scan that: qemu-img convert -O qcow2 IMAGE image.qcow2
fix-gap-luks = Remove the encryption of { $places }, build the image again, and scan again: cryptsetup reencrypt --decrypt DEVICE
fix-gap-bitlocker = Switch BitLocker off for { $places }, wait until all is decrypted (manage-bde -status), build the image again, and scan again: manage-bde -off DRIVE:
fix-gap-missing = Put what is missing back into the image, or remove what refers to it, and scan again: { $places }
fix-gap-ext = Check the file system, shut the system down cleanly, build the image again, and scan again: e2fsck -f on the device that is not mounted ({ $places })
fix-gap-ntfs = Check the file system (chkdsk /f on its drive), shut Windows down, build the image again, and scan again: { $places }
fix-gap-fat = Check the file system (Linux: fsck.fat -a DEVICE; Windows: chkdsk /f on its drive), build the image again, and scan again: { $places }
fix-gap-windows = Start Windows, shut it down cleanly (shutdown /s /t 0), build the image again, and scan again; what is damaged then, too, comes from a sound backup: { $places }
fix-gap-packages = Repair the package database, build the image again, and scan again (rpm: rpm --rebuilddb; dpkg: dpkg --configure -a, or /var/lib/dpkg/status-old in place of status; apk: apk fix): { $places }
fix-gap-doubt = Set the system up so that what it mounts and starts can be told from the image ({ $places }), and scan again
secret-masked = { $count ->
    [one] <masked, 1 character>
   *[other] <masked, { $count } characters>
 }
fix-more = Do the same for the other items that are listed
check-unreadable = it can't be told, because what it needs could not be read

### Checks: whole image
meta-001-title = The whole image could be read
meta-001-fix = Make the listed parts readable (no encryption, supported file systems, a clean shutdown), and build the image again
meta-001-warn = { $count ->
    [one] 1 part of the image could not be read
   *[other] { $count } parts of the image could not be read
 }
meta-001-pass = every volume was read
lnx-boot-003-title = What the system mounts is in the image, and certain
lnx-boot-003-fix = Name volumes of the image by their UUID in /etc/fstab, give what only the cloud attaches nofail, and leave each mount point to one line or unit
lnx-boot-003-fail = { $count ->
    [one] 1 mount that the system needs is of a device that the image lacks
   *[other] { $count } mounts that the system needs are of devices that the image lacks
 }
lnx-boot-003-unclear = { $count ->
    [one] one thing makes it uncertain what is mounted or started
   *[other] { $count } things make it uncertain what is mounted or started
}
lnx-boot-003-altered = this changes what is mounted or started when the machine runs
lnx-boot-003-unaltered = nothing of the kind
lnx-boot-003-program = this program mounts or starts others before anything else, and is not as its package brought it
lnx-boot-003-fix-program = Install the package of { $place } anew, or delete it where no package has it.
lnx-boot-003-update = this makes the next boot one that runs what installs updates
lnx-boot-003-pass = everything that is mounted was followed
lnx-boot-003-mounted = { $what } is mounted on { $at }
lnx-boot-003-hides = { $what } is mounted on { $at } and hides { $count ->
    [one] 1 file
   *[other] { $count } files
 } there
lnx-boot-003-absent = { $what }, to be mounted on { $at }, is not in the image
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
meta-005-title = The partition table counts sectors as the disks of the cloud do
meta-005-fix = Divide a disk with the sectors that the disks of the cloud have, and copy the volumes to it
meta-005-none = the disk is not known
meta-005-pass = the disks of the cloud show the same partitions
meta-005-unknown = the disks of the cloud may show other partitions than those that were judged
meta-005-sectors = sectors of { $size } bytes
meta-005-other = disks with other sectors find no such table, and take what the first sector says
meta-002-title = The registry was closed cleanly
meta-002-fix = Shut the system down (shutdown /s /t 0) before making the image
meta-002-pass = { $count ->
    [one] the only hive is clean
   *[other] all { $count } hives are clean
 }
meta-002-warn = { $count ->
    [one] 1 hive was not closed: the image was made without a shutdown
   *[other] { $count } hives were not closed: the image was made without a shutdown
 }
meta-002-replayed = { $count ->
    [one] { $name } was not closed; 1 entry of its logs was replayed
   *[other] { $name } was not closed; { $count } entries of its logs were replayed
 }
meta-002-clean = { $name } is clean
meta-002-wanted = equal sequence numbers
meta-002-no-header = no header

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
linux-agent-no-running = it lies on a mount from which nothing can be run (noexec)
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
linux-agent-not-startable = the system could not start it: no code in it can be reached
linux-agent-no-interpreter = the program that would load it is not in the image: { $path }
linux-agent-not-a-program = it is neither an ELF program nor a script
linux-agent-starts = starts the agent
linux-agent-starts-conditionally = starts the agent only under a condition that is known at run time
linux-agent-does-not-start = does not start the agent: { $why }
linux-agent-expected-start = an active start line
linux-agent-other-boot = this argument of the default kernel changes what starts
linux-agent-broken-service = { $name } fails before it starts
linux-agent-pam-denies = PAM refuses what cron runs as root
linux-agent-pam-depends = whether PAM allows what cron runs as root can't be told
linux-agent-limit = this limit may end what the jobs of root start, or keep it from starting
linux-agent-no-limit = no such limit for root
linux-agent-unit-doubt = this may keep the daemon from running its lines
linux-agent-unit-own = the unit of the package
linux-agent-of-all = this holds for all that starts, and may keep the agent from running
linux-agent-of-all-expected = no such setting
linux-agent-cron-options = only options with which cron runs its lines as usual
linux-agent-init = the first program that the kernel starts is not as a package brought it
linux-agent-preload = this library is loaded into every program, and is not as a package brought it
linux-agent-preload-expected = libraries of packages only
linux-agent-changed-program = the line runs this program on its way, which was changed since its package brought it
linux-agent-changed-program-expected = the program of the package
linux-agent-names-only = this line names the agent and does not start it
linux-agent-stopped = this stops the agent, or takes away what belongs to it
linux-agent-not-stopped = nothing that stops it
linux-agent-no-such-argument = no such argument
linux-agent-fix-install = Install { $agent } again with the provider's installer, so that all of its programs are in { $folder }
linux-agent-fix-start = Make the line { $place } start { $agent } again: { $command }
linux-agent-fix-runner = Have the daemon run that runs the line { $place }: { $command }
linux-agent-fix-reason = Have the line { $place } run, which starts { $agent }: { $command }
linux-agent-fix-condition = Let the line { $place } run without a condition: { $command }
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
linux-start-fails-before = its unit fails before it runs this
linux-start-hindered = the daemon that runs it is kept from doing so
linux-start-no-program = { $program } is missing or empty
linux-start-leads-out = { $program } leads out of the agent's folder, to { $path }
linux-start-program-not-executable = { $program } is not executable
linux-start-not-root = it runs as { $user }, not as root
linux-start-stub = { $program } is a script that starts nothing

### Checks: Linux files of packages
lnx-integ-001-title = Installed files are what their packages brought
lnx-integ-001-fix = Install the packages anew whose files the report lists
lnx-integ-001-no-manager = the system has no package manager
lnx-integ-001-no-database = no package database was found that imgscan reads, so it can't be told whether files were changed
lnx-integ-001-fail = { $count ->
    [one] 1 program, library or unit is not what its package brought
   *[other] { $count } programs, libraries or units are not what their packages brought
 }
lnx-integ-001-unclear = { $count ->
    [one] 1 file of a package was changed, and it can't be told what that means
   *[other] { $count } files of packages were changed, and it can't be told what that means
 }
lnx-integ-001-warn = { $count ->
    [one] 1 file of a package is missing or was changed, without harm
   *[other] { $count } files of packages are missing or were changed, without harm
 }
lnx-integ-001-pass = { $count ->
    [one] the only file with a digest equals it
   *[other] { $count } files equal the digests of their packages
 }
lnx-integ-001-pass-without = { $count ->
    [one] the only file that is there equals its digest
   *[other] { $count } files equal the digests of their packages
 }; { $missing ->
    [one] 1 more, of documentation, translations or data, is not there
   *[other] { $missing } more, of documentation, translations or data, are not there
 }
lnx-integ-001-changed = this is not what the package { $package } brought
lnx-integ-001-setting = a setting of the package { $package } was changed; the checks of what it configures judge it
lnx-integ-001-other-setting = a setting of the package { $package } was changed; no check judges it
lnx-integ-001-text = documentation of the package { $package } was changed
lnx-integ-001-data = data or compiled Python of the package { $package } was changed
lnx-integ-001-missing = this file of the package { $package } is not there
lnx-integ-001-no-setting = this setting of the package { $package } is not there
lnx-integ-001-no-data = this data of the package { $package } is not there
lnx-integ-001-no-library = this library of the package { $package } is not there, so programs look for another one
lnx-integ-001-shadowed = this program of the package { $package } is not there, and { $path } runs in its place
lnx-integ-001-prelinked = prelink changed this program of the package { $package }, so its digest says nothing
lnx-integ-001-unrecorded = the package { $package } lists this program or library, but no digest of it
lnx-integ-001-leads = this link of the package { $package } leads to a program or library that no package has
lnx-integ-001-in-place = this stands in place of a diverted file of a package, and no package has it
lnx-integ-001-set-id = this file of the package { $package } was made to run with the rights of its owner or group
lnx-integ-001-writable = others than the package { $package } intended may write this file
lnx-integ-001-link = a link to { $target }
lnx-integ-001-file = a regular file
lnx-integ-001-folder = a folder
lnx-integ-001-other-kind = neither a file nor a folder
lnx-integ-001-recorded = what the package recorded
lnx-integ-001-packaged = a link to a file of a package
lnx-integ-001-fix-package = Install { $package } anew: { $command }
lnx-integ-001-fix-packages = Install the packages anew whose files the report lists
lnx-integ-001-fix-diversion = Take the diversion of { $path } back, or install what stands there from a package: dpkg-divert --remove
lnx-integ-001-fix-prelink = Undo prelink before the image is made (prelink -ua), and set PRELINKING=no in /etc/sysconfig/prelink

### Checks: Linux network and time
lnx-net-001-title = Name servers are those of the provider, or come by DHCP
lnx-net-001-fix = Delete the name servers that are set in the image, so that DHCP gives them
lnx-net-001-expected = an approved name server ({ $approved })
lnx-net-001-stub = the resolver of the machine itself
lnx-net-001-approved = approved (region { $region })
lnx-net-001-fallback = not approved, and used only as a fallback
lnx-net-001-left-over = not approved, left over in a file that is written anew at boot
lnx-net-001-foreign = not approved
lnx-net-001-keeps-dhcp-out = this line keeps out the name servers of DHCP: { $line }
lnx-net-001-immutable = the file is immutable (attribute i)
lnx-net-001-script = this sets or changes name servers when the machine runs
lnx-net-001-no-script = nothing but DHCP and the configuration of the image
lnx-net-001-redirect = this rule sends questions to name servers elsewhere
lnx-net-001-no-redirect = no such rule
lnx-net-001-route = this line takes an approved address away from the provider's name servers
lnx-net-001-name = this line gives { $name } an address of its own
lnx-net-001-no-name = the provider's name servers answer for it
lnx-net-001-no-dns = the name service never asks a name server for hosts
lnx-net-001-other-source = the name service asks a source for hosts that is not known
lnx-net-001-asks-dns = hosts: files dns
lnx-net-001-fail-immutable = resolv.conf names name servers that are not approved, and is immutable
lnx-net-001-fail = { $count ->
    [one] the only name server that is set is not approved
   *[other] none of the { $count } name servers that are set is approved
 }
lnx-net-001-fail-names = names are resolved otherwise than by the provider's name servers
lnx-net-001-unknown-script = something sets name servers when the machine runs, so they can't be told
lnx-net-001-unknown-stub = a resolver on the machine answers, and which servers it asks can't be told
lnx-net-001-unknown-path = whether the approved name servers are the ones that answer can't be told
lnx-net-001-unknown-kept = a file that is said to be written anew names a name server that is not approved; whether it is written can't be told
lnx-net-001-unknown-mixed = { $count ->
        [one] 1 of { $total } name servers is not approved
       *[other] { $count } of { $total } name servers are not approved
    }
lnx-net-001-warn-misprint = the only address that is set is the one that the guide misprints; the provider itself uses another
lnx-net-001-warn-kept-out = no name server is set, and those of DHCP are kept out
lnx-net-001-warn-weak = a name server that is not approved is left as a fallback, or in a file that is written anew at boot
lnx-net-001-warn-not-static = name servers come by DHCP, but the policy wants them set
lnx-net-001-pass-dhcp = no name server is set; DHCP or cloud-init gives them
lnx-net-001-pass = every name server that is set is approved
lnx-net-001-fix-server = Remove { $address } at { $place }, or replace it with an approved address ({ $approved })
lnx-net-001-fix-immutable = Make the file changeable again: chattr -i { $file }
lnx-net-001-fix-script = Remove the lines of { $file } that write name servers
lnx-net-001-fix-line = Delete the line { $place }
lnx-net-001-fix-sources = Write "hosts: files dns" at { $place }
lnx-persist-001-title = What is loaded into every program is explained
lnx-persist-001-fix = Remove the library or the code that no package brought, or declare it with its digest
lnx-persist-002-title = Scheduled jobs run only what is explained
lnx-persist-002-fix = Remove the job, or declare its file and program with their digests
lnx-persist-003-title = What starts with the system is explained
lnx-persist-003-fix = Remove the unit or script, or declare it and its program with their digests
lnx-persist-004-title = Hooks of logins, devices, the network and package managers are explained
lnx-persist-004-fix = Remove the hook, or declare its file with its digest
lnx-persist-no-database = no database of packages tells whose the files are from which programs start
lnx-persist-pass = everything that starts here is explained; { $count } files stand as their packages brought them
lnx-persist-copy = a copy of { $of }, which stands as its package brought it
lnx-persist-agent = of an agent that the marketplace asks for, by its place
lnx-persist-declared = the declaration of { $product } pins it
lnx-persist-declared-otherwise = the declaration of { $product } pins other bytes
lnx-persist-harmless = no package brought it, and nothing in it starts anything unexplained
lnx-persist-code = this runs by itself or in the place of another program, and nothing explains it
lnx-persist-unclear = a shell may read this in several ways, so that it is not told what runs here
lnx-persist-command = this command runs by itself, and nothing explains it
lnx-persist-setting = this setting starts or loads something, or may, and nothing explains it
lnx-persist-function = the function { $name } may take the place of a command
lnx-persist-variable = the variable { $name } decides what programs load, run or reach
lnx-persist-program = { $path } runs by itself, and neither a package nor a declaration explains it
lnx-persist-made = { $path } is made when the machine runs, so that it can not be seen
lnx-persist-unreadable = { $path } can not be read
lnx-persist-libraries = libraries of { $path } come before those of the system
lnx-persist-preload = { $path } is loaded into every program, and no package brought it
lnx-persist-unseen = a shell runs what another program gives it, which is nowhere in the image
lnx-persist-socket = a connection of the shell itself, as backdoors make it
lnx-persist-open-folder = { $path } runs by itself from a folder that everybody may write
lnx-persist-hidden = the name of { $path } hides it
lnx-persist-expected = a file of a package, a declared one, or commands that change nothing
lnx-persist-expected-unchanged = the file as its package brought it
lnx-persist-fix-line = Remove { $place }, or declare its file and the program that it runs with their SHA-256 (docs/policy.md)
lnx-persist-fix-attack = Remove { $place } and what it runs, and build the image anew from a clean system
lnx-persist-fix-digest = Install the declared version of { $file }, or declare the SHA-256 of the one that is there
lnx-persist-fail = { $count ->
    [one] one form of attack starts by itself
   *[other] { $count } forms of attack start by themselves
}
lnx-persist-unexplained = { $count ->
    [one] one place starts something that nothing explains
   *[other] { $count } places start something that nothing explains
}
lnx-time-001-title = The clock is synchronised with an approved time server
lnx-time-001-fix = Set the provider's time servers in the time daemon that is installed, and have it start at boot
lnx-time-001-fix-set = Write "{ $line }" in { $file } in place of other servers, and have the daemon start at boot: { $command }
lnx-time-001-fix-install = Install a time daemon ({ $install }), write "{ $line }" in { $file } in place of other servers, and have it start at boot: { $command }
lnx-time-001-fix-others = Leave one time daemon to run: { $command }
lnx-time-001-expected = an approved time server ({ $approved })
lnx-time-001-active = { $name }: enabled
lnx-time-001-missing = { $name }: enabled, but its program is not in the image
lnx-time-001-inactive = { $name }: not enabled
lnx-time-001-no-server = no server
lnx-time-001-approved = an approved time server
lnx-time-001-foreign = not an approved time server
lnx-time-001-preferred = not an approved time server, and it decides over the others
lnx-time-001-never = this server is never used
lnx-time-001-unsure = whether this server is used, or what is made of its answers, can't be told
lnx-time-001-doubt = this may keep the clock from being set, or set it otherwise
lnx-time-001-disturbed = this sets the clock, or stops what keeps it, when the machine runs
lnx-time-001-undisturbed = only the configuration of the time service
lnx-time-001-broken = { $name } fails before it starts
lnx-time-001-warn-daemons = the clock is kept from an approved server, but { $count } daemons are enabled
lnx-time-001-pass = the clock is kept from an approved server
lnx-time-001-unknown = time servers come by DHCP, which is not part of the image
lnx-time-001-unknown-doubt = whether the clock is kept from an approved server can't be told
lnx-time-001-unknown-mixed = servers that are not approved decide about the time as well
lnx-time-001-unknown-foreign = the clock follows servers that are not approved, or none
lnx-time-001-fail = nothing keeps the clock
lnx-time-001-fail-missing = what should set the clock is not in the image
lnx-time-001-fix-line = Delete this: { $place }

### Checks: Linux accounts
lnx-acct-001-title = No account can be entered without a password
lnx-acct-001-fix = Lock every account that has no password (passwd -l USER)
lnx-acct-001-expected = a hashed password or a locked account
lnx-acct-001-enters = { $user } has an empty password and a login shell
lnx-acct-001-enters-by-hash = the password of { $user } is empty: its hash is that of the empty password
lnx-acct-001-costly = the password hash of { $user } asks for more work than real systems do, so it can't be told whether the password is empty
lnx-acct-001-no-form = the password field of { $user } has no known form
lnx-acct-001-impostor = { $shell } leads to another program here, which is not the one that refuses logins
lnx-acct-001-no-shell = { $user } has an empty password; its shell refuses logins
lnx-acct-001-hash-in-passwd = the password hash of { $user } is in passwd, which everyone can read
lnx-acct-001-backup = { $user } has an empty password in the backup of shadow
lnx-acct-001-nullok = PAM accepts empty passwords (nullok)
lnx-acct-001-no-nullok = no nullok
lnx-acct-001-console = this console lets in without asking for a password
lnx-acct-001-console-asks = a console that asks
lnx-acct-001-fix-console = Delete the line { $place }, so that the console asks for a login
lnx-acct-001-pam-open = PAM lets anyone in without a password (service { $service })
lnx-acct-001-pam-module = PAM asks { $name }, and what that answers can't be told
lnx-acct-001-sshd = sshd accepts empty passwords
lnx-acct-001-fail = { $count ->
    [one] 1 account can be entered without a password
   *[other] { $count } accounts can be entered without a password
 }
lnx-acct-001-unknown = /etc/shadow or /etc/passwd is missing, so it can't be told whether accounts have passwords
lnx-acct-001-unsure = it can't be told whether an account can be entered without a password, or with one that the image sets
lnx-acct-001-warn = no account can be entered without a password, but some settings would allow it
lnx-acct-001-pass = no account has an empty password
lnx-acct-001-fix-lock = Lock the account: passwd -l { $user }
lnx-acct-001-fix-pwconv = Move the hashes into /etc/shadow: { $command }
lnx-acct-001-fix-backup = Delete the backup: rm /etc/shadow-
lnx-acct-001-fix-nullok = Remove nullok from { $file }
lnx-acct-001-fix-pam = Put the packaged PAM configuration back at { $place }
lnx-acct-001-fix-sshd = Write "PermitEmptyPasswords no" at { $file }
lnx-acct-001-fix-shadow = Put /etc/passwd and /etc/shadow back into the image (pwconv makes shadow from passwd), and scan again
lnx-acct-003-title = Only root has user id 0, and no account is hidden
lnx-acct-003-fix = Delete the accounts and lines that the report lists
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
lnx-acct-003-own-files = files of the image alone
lnx-acct-003-module = the name service uses a module for { $name } that is not as a package brought it
lnx-acct-003-fail = { $count ->
    [one] 1 entry gives root's power or hides an account
   *[other] { $count } entries give root's power or hide accounts
 }
lnx-acct-003-unknown = /etc/passwd lists no account
lnx-acct-003-unsure = it can't be told which accounts there are, or who enters them
lnx-acct-003-warn = only root has user id 0, but some accounts should be looked at
lnx-acct-003-pass = only root has user id 0
lnx-acct-003-fix-user = Delete the account: { $delete }; where it is needed, give it another user id: { $change }
lnx-acct-003-fix-line = Delete the line { $place }
lnx-acct-003-fix-id = Give the account a user id of its own: { $command }
lnx-acct-003-fix-member = Take the account out of the group if it need not become root: { $command }
lnx-acct-003-fix-passwd = Put /etc/passwd back into the image, and scan again
lnx-acct-003-fix-source = Remove this source of accounts: { $place }
lnx-acct-004-title = No SSH key is left in the image
lnx-acct-004-fix = Delete the files that the report lists, and unbind key pairs in the console
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
lnx-acct-004-other-server = this starts an SSH server that no package brought, or under another name: { $program }
lnx-acct-004-own-server = the SSH server of a package
lnx-acct-004-hosts = sshd lets in users of other hosts by the keys of those hosts
lnx-acct-004-kerberos = sshd asks a Kerberos server whether a password is right
lnx-acct-004-tickets = sshd lets in by Kerberos tickets, and the image carries the key that they are checked with (/etc/krb5.keytab)
lnx-acct-004-runs = sshd runs this for whoever logs in, and it is no plain program of a package
lnx-acct-004-pam-service = sshd asks another PAM service than its own
lnx-acct-004-environment = sshd sets variables by which the programs of every session load or run something else
lnx-acct-004-clients-environment = whoever logs in may set variables by which programs load or run something else
lnx-acct-004-not-set = not set
lnx-acct-004-no-key = no key
lnx-acct-004-passphrase = with a passphrase
lnx-acct-004-no-passphrase = without a passphrase
lnx-acct-004-fail = { $count ->
    [one] 1 key is left in the image
   *[other] { $count } keys are left in the image
 }
lnx-acct-004-unknown = nobody can tell who may enter by a key: the report lists what decides it and can't be followed
lnx-acct-004-warn = no key lets anyone in, but traces of keys are left
lnx-acct-004-pass = no SSH key is left in the image
lnx-acct-004-fix-file = Delete the keys: rm { $file }
lnx-acct-004-fix-setting = Delete the line { $place }
lnx-acct-004-fix-server = Remove what starts this server: { $place }
lnx-acct-005-title = Nobody becomes root without being asked for a password
lnx-acct-005-fix = Delete the rules that the report lists
lnx-acct-005-expected = no such rule
lnx-acct-005-all = this rule lets somebody run anything as root without a password
lnx-acct-005-listed = this rule lets somebody run anything as root with the password of an account of the image
lnx-acct-005-some = this rule lets somebody run some commands as root without a password
lnx-acct-005-known = this rule is for the account of whoever launches the image, or for a group without members
lnx-acct-005-unasked = this setting keeps sudo from asking for a password
lnx-acct-005-unclear = what this rule allows can't be told
lnx-acct-005-included = the file of this rule is read because of this line
lnx-acct-005-fail = { $count ->
    [one] a rule lets somebody become root without a password
   *[other] { $count } rules let somebody become root without a password
}
lnx-acct-005-unknown = it can't be told who becomes root: the report lists the rules
lnx-acct-005-warn = only the account of whoever launches the image becomes root without a password
lnx-acct-005-pass = nobody becomes root without a password
lnx-acct-005-fix-rule = Delete the rule { $place }
linux-made-account = this makes or changes accounts when the machine runs
linux-made-password = this sets a password when the machine runs, or may
linux-made-keys = this lets the holders of keys in, or changes the SSH server, when the machine runs
linux-made-rights = this lets somebody become root when the machine runs
linux-made-nothing = nothing of the kind
linux-made-fix = Remove this from the image: { $place }

### Checks: Linux kernel
linux-kernel-none = no kernel was found
linux-kernel-owned = owned by a package
linux-kernel-no-package = no package
linux-kernel-owner-unknown = unknown
linux-kernel-of-image = a kernel in the image
linux-kernel-no-banner = it has no version banner
linux-differs-from = differs from { $path }
linux-kernel-install = Install the distribution's kernel: { $command }
linux-kernel-replace = Install the distribution's kernel ({ $install }), then remove this one: { $delete }
linux-kernel-delete = Remove this kernel if nothing needs it: { $command }
linux-module-delete = Delete the module if nothing needs it: { $command }
linux-reinstall = Reinstall { $package }: { $command }
linux-signature-by = { $note }: signed by { $signer } (certificate SHA-256 { $sha256 }, valid until { $day }); { $anchor }
linux-signature-anchor = the chain ends at the pinned certificate { $name }
linux-signature-anchor-once = the chain ends at the pinned certificate { $name }, for which there is one source only ({ $source })
linux-signature-no-anchor = the chain ends at no pinned certificate
linux-signature-changed = the content is not what was signed
linux-signature-forged = the signer names a pinned certificate as its issuer, but that certificate did not issue it
linux-signature-unanchored = signed with a key that no pinned certificate vouches for
linux-signature-none = not signed
lnx-kernel-001-title = The kernel, and everything else that runs in ring 0, is not modified
lnx-kernel-001-fix = Reinstall the distribution's kernel, initramfs and boot loader; agree on a kernel of your own with Tencent Cloud beforehand
lnx-kernel-001-fail = { $why } (level { $level })
lnx-kernel-001-unknown = not proven, which does not mean modified: { $why } (level { $level })
lnx-kernel-001-proven = all that runs in ring 0 at the next boot is accounted for (level { $level }): { $proof }
lnx-kernel-001-initramfs = { $path } holds { $count ->
    [one] 1 file that matches
   *[other] { $count } files that match
 } nothing in this system
lnx-kernel-001-unproven = { $path }: { $reasons }
lnx-kernel-001-more = { $count ->
    [one] 1 more file
   *[other] { $count } more files
 }
lnx-kernel-001-object = { $level }: { $reasons }
lnx-kernel-001-signed = { $level }, signed by { $signer }: { $reasons }
lnx-kernel-001-anchored = { $level }, proven by { $anchor }: { $reasons }
lnx-kernel-001-signed-anchored = { $level }, signed by { $signer }, proven by { $anchor }: { $reasons }
lnx-kernel-001-modules = { $count ->
    [one] 1 kernel module
   *[other] { $count } kernel modules
 }, { $proven } proven
lnx-kernel-001-waiting = { $count ->
    [one] 1 kernel module lacks
   *[other] { $count } kernel modules lack
 } nothing but a proven kernel
lnx-kernel-003-title = Every kernel is the one that its package installed
lnx-kernel-003-fix = Reinstall the package of the kernel from the distribution's repository
lnx-kernel-003-fail = { $count ->
    [one] 1 kernel file is not the one that a package installed
   *[other] { $count } kernel files are not those that packages installed
 }
lnx-kernel-003-no-database = no package database was found that imgscan reads, so the kernels can't be compared
lnx-kernel-003-unknown = { $count ->
    [one] 1 kernel that may boot can't be compared with anything
   *[other] { $count } kernels that may boot can't be compared with anything
 }
lnx-kernel-003-pass = { $count ->
    [one] the kernel equals what its package
   *[other] all { $count } kernels equal what their packages
 } recorded (who signed the records is judged by LNX-KERNEL-004)
lnx-kernel-003-half-installed = owned by { $package }, which is only half installed
lnx-kernel-003-no-digest = owned by { $package }, which recorded no digest of it
lnx-kernel-003-equal = owned by { $package }; equals the digest in { $record }
lnx-kernel-003-equal-to = owned by { $package }; equals the digest of { $path } in { $record }
lnx-kernel-003-differs = owned by { $package }, but differs from the digest in { $record }
lnx-kernel-003-differs-from = owned by { $package }, but differs from the digest of { $path } in { $record }
lnx-kernel-003-unowned-proven = no package owns it, and a signature or a reference proves it
lnx-kernel-003-same-as = owned by no package, but identical to { $path }
lnx-kernel-003-unowned-default = the default kernel belongs to no package
lnx-kernel-003-unowned-spare = belongs to no package, and does not boot by default
lnx-kernel-003-unowned = belongs to no package, and which kernel boots can't be told
lnx-kernel-003-not-there = what this entry boots is not in the image
lnx-kernel-003-fix-entry = Add { $kernel } to the image, or delete the entry { $place }
lnx-kernel-003-fix-menu = Make the menu anew, which leaves out entries without a kernel ({ $place }): { $command }; or put { $kernel } into the image
lnx-kernel-003-fix-default = Have the boot menu show for certain whether { $path } boots by default; if it does, put the distribution's kernel in its place
lnx-kernel-004-title = The distribution's key signed the RPM packages of the kernel and its boot path
lnx-kernel-004-fix = Reinstall the packages that the report lists from the distribution's repository
lnx-kernel-004-no-rpm = this system does not use RPM packages
lnx-kernel-004-unread-database = the package database could not be read
lnx-kernel-004-none = the package database lists no package of the kernel or its boot path
lnx-kernel-004-fail = { $count ->
    [one] 1 package or file of the kernel and its boot path was changed, or is another vendor's
   *[other] { $count } packages or files of the kernel and its boot path were changed, or are another vendor's
 }
lnx-kernel-004-unread = { $count ->
    [one] 1 package has a signature
   *[other] { $count } packages have signatures
 } that imgscan can't verify
lnx-kernel-004-unproven = { $count ->
    [one] 1 package is not signed
   *[other] { $count } packages are not signed
 } by this system's vendor, which signs all of its packages
lnx-kernel-004-no-key = no key of this system's vendor is pinned, so it is not proven who made its packages; --trust takes the vendor's key
lnx-kernel-004-weak = { $count ->
    [one] 1 signature of the vendor uses
   *[other] { $count } signatures of the vendor use
 } a digest that is no longer safe
lnx-kernel-004-pass = { $count ->
    [one] 1 package is
   *[other] { $count } packages are
 } signed by the vendor's pinned key, and the files equal what was signed
lnx-kernel-004-package = { $package } (vendor { $vendor }, built on { $host }): { $note }
lnx-kernel-004-forged = the header was changed: { $why }
lnx-kernel-004-unknown-key = signed with the key { $key }, which is not pinned
lnx-kernel-004-not-verified = the signature could not be verified: { $why }
lnx-kernel-004-signed = signed by { $key }
lnx-kernel-004-signed-on = signed by { $key } on { $day }
lnx-kernel-004-one-source = { $signed } (there is one source only for this key)
lnx-kernel-004-other-vendor = { $signed }, which is not this system's vendor
lnx-kernel-004-other-key = { $signed }, a key that is not for this system's own packages
lnx-kernel-004-differs = differs from what { $package } installed
lnx-kernel-004-configured = a configuration file of { $package } that was changed, as it may be
lnx-kernel-004-no-file = not a regular file
lnx-kernel-004-missing = { $count ->
    [one] 1 file of { $package } is missing: this one
   *[other] { $count } files of { $package } are missing, this is the first
 }
lnx-kernel-004-fix-replace = Replace { $package } with the package of this system's vendor: { $command }
lnx-kernel-004-fix-trust = Scan again with the vendor's public key: --trust KEY
lnx-kernel-005-title = Every kernel carries a valid Secure Boot signature of its distribution
lnx-kernel-005-fix = Install the distribution's signed kernel
lnx-kernel-005-fail = { $count ->
    [one] 1 kernel is
   *[other] { $count } kernels are
 } not what the distribution signed
lnx-kernel-005-unproven = { $count ->
    [one] 1 kernel is
   *[other] { $count } kernels are
 } not proven by a signature of the distribution
lnx-kernel-005-revoked = { $count ->
    [one] a shim of the image refuses 1 kernel
   *[other] shims of the image refuse { $count } kernels
 } as revoked
lnx-kernel-005-pass = every kernel carries a valid signature of its distribution
lnx-kernel-005-own = signed by the distribution
lnx-kernel-005-proven = proven by the signed header of its package, or by a reference
lnx-kernel-005-other-system = signed by the vendor of another system
lnx-kernel-005-known-vendor = signed by a known vendor, but it can't be told whether that is this system's
lnx-kernel-005-other-key = the vendor signs all kernels of this system, but another key signed this one
lnx-kernel-005-not-signed = the vendor signs all kernels of this system, but this one is not signed
lnx-kernel-005-refused = { $shim } refuses it as revoked
lnx-kernel-005-fix-signed = Install the distribution's signed kernel: { $command }
lnx-kernel-005-fix-revoked = Update the kernel to one that is not revoked: { $command }
lnx-kernel-006-title = Kernel images are sound, and the versions that they name agree
lnx-kernel-006-fix = Reinstall the package of the kernel
lnx-kernel-006-fail = { $count ->
    [one] a kernel image is damaged, or names another version than it should
   *[other] kernel images are damaged, or name other versions than they should, in { $count } places
 }
lnx-kernel-006-warn = { $count ->
    [one] 1 point
   *[other] { $count } points
 } of the kernel images should be looked at
lnx-kernel-006-unproven = { $count ->
    [one] 1 point of the kernel images is not explained, and nothing
   *[other] { $count } points of the kernel images are not explained, and nothing
 } proves those kernels
lnx-kernel-006-pass = the kernel images are sound, and their versions agree
lnx-kernel-006-damaged = damaged: { $error }
lnx-kernel-006-differs = the kernel inside is { $release }, { $place ->
    [header] its set-up header
   *[name] its file name
    [package] its package
 } says { $other }
lnx-kernel-006-package-version = the package is version { $package }, the kernel says { $kernel }
lnx-kernel-006-other-build = the set-up header and the kernel inside are of different builds
lnx-kernel-006-no-modules = there is no /lib/modules/{ $release } with modules for it
lnx-kernel-007-title = The checksum that the build wrote into the kernel is right (before Linux 6.15)
lnx-kernel-007-fix = Reinstall the package of the kernel
lnx-kernel-007-fail = { $count ->
    [one] 1 kernel was
   *[other] { $count } kernels were
 } changed after the build: the checksum is wrong
lnx-kernel-007-warn = the checksum of { $count ->
    [one] 1 signed kernel
   *[other] { $count } signed kernels
 } is wrong
lnx-kernel-007-pass = the checksums of the kernels are right
lnx-kernel-007-none = no kernel is of a kind that carries a checksum
lnx-kernel-007-right = the checksum is right (anyone can compute it anew)
lnx-kernel-007-signed = the checksum is wrong, but the vendor signed this very content
lnx-kernel-007-wrong = the checksum is wrong: the kernel was changed after the build
lnx-kernel-008-title = The kernel was built by its distribution, not by hand
lnx-kernel-008-fix = Install the distribution's kernel
lnx-kernel-008-fail = { $count ->
    [one] a kernel that boots was
   *[other] { $count } kernels that may boot were
 } built by hand and { $count ->
    [one] belongs
   *[other] belong
 } to no package
lnx-kernel-008-unproven = { $count ->
    [one] 1 kernel does
   *[other] { $count } kernels do
 } not name the distribution as its builder
lnx-kernel-008-pass = the kernels name the distribution as their builder (anyone can write that)
lnx-kernel-008-banner = { $note }: { $banner }
lnx-kernel-008-expected = a builder of the distribution
lnx-kernel-008-changed = the release says that the source was changed
lnx-kernel-008-proven = a signature or a reference proves the kernel, whoever built it
lnx-kernel-008-distribution = built by the distribution
lnx-kernel-008-by-hand = built by hand
lnx-kernel-008-other = not built by the distribution
lnx-kernel-008-not-known = the policy does not list the builders of this distribution
lnx-kernel-016-title = System.map, configuration and build ID are those of the kernel
lnx-kernel-016-fix = Reinstall the package of the kernel
lnx-kernel-016-fail = { $count ->
    [one] 1 System.map is
   *[other] { $count } System.maps are
 } not of the kernel beside it
lnx-kernel-016-warn = System.map or the configuration { $count ->
    [one] differs from the kernel in 1 point
   *[other] differ from the kernel in { $count } points
 }, or can't be compared with it
lnx-kernel-016-pass = System.map and configuration agree with the kernels, as far as they can be compared
lnx-kernel-016-none = there is neither a System.map nor a configuration to compare
lnx-kernel-016-stub = a placeholder without addresses: there is nothing to compare
lnx-kernel-016-map = the kernel has linux_banner where the map says
lnx-kernel-016-other-map = { $kernel } has something else at the address of linux_banner
lnx-kernel-016-something-else = something else
lnx-kernel-016-unread = it can't be compared: { $why }
lnx-kernel-016-config = agrees with the kernel (build ID { $id })
lnx-kernel-016-differs = { $name } differs from the kernel
lnx-kernel-016-record = the package's record
lnx-kernel-016-no-btf = no .BTF section
lnx-kernel-016-no-key = no built-in key
lnx-kernel-019-title = The kernel is one of the distribution that the system says it is
lnx-kernel-019-fix = Install the distribution's own kernel, and make it the default
lnx-kernel-019-fail = { $count ->
    [one] the kernel that boots is not a kernel
   *[other] { $count } kernels that may boot are not kernels
 } of { $system }
lnx-kernel-019-unproven = { $count ->
    [one] 1 kernel can't
   *[other] { $count } kernels can't
 } be recognised as { $count ->
    [one] a kernel
   *[other] kernels
 } of { $system }
lnx-kernel-019-pass = the kernels are those of { $system }
lnx-kernel-019-release = release { $release }: { $note }
lnx-kernel-019-expected = a kernel of { $system }
lnx-kernel-019-signed-by-other = signed by another vendor ({ $name })
lnx-kernel-019-foreign = a kernel of { $name }, which no distribution ships
lnx-kernel-019-unread = its release could not be read
lnx-kernel-019-own = named as this distribution names its releases
lnx-kernel-019-not-known = the policy does not list this distribution
lnx-kernel-019-other-form = named as releases of { $systems } are
lnx-kernel-019-no-release = not named as any release of this distribution
lnx-kernel-019-other-release = not named as the releases of this distribution that the policy lists
lnx-kernel-020-title = Kernel, modules and boot files equal the reference database
lnx-kernel-020-fix = Reinstall the packages of the files that the report lists
lnx-kernel-020-no-reference = no reference database was given (--baseline)
lnx-kernel-020-fail = { $count ->
    [one] 1 file differs
   *[other] { $count } files differ
 } from the reference database ({ $equal } equal, { $absent } not in it)
lnx-kernel-020-nothing = no file was found that could be compared with the reference database
lnx-kernel-020-warn = { $count ->
    [one] 1 file is
   *[other] { $count } files are
 } not in the reference database ({ $equal } equal)
lnx-kernel-020-pass = { $equal ->
    [one] the only file that can be compared equals
   *[other] all { $equal } files equal
 } the reference database; what the system itself generates is not compared
lnx-kernel-020-differs = the reference database has another file for this version (from { $source })
lnx-kernel-020-absent = the reference database does not have this version of it
lnx-kernel-020-fix-file = Replace { $path } with the file of its distribution
lnx-kernel-020-fix-reference = Add the packages that are installed to the reference database, and scan again
lnx-kernel-021-title = The kernel has no flaw that is known to be exploited, and still gets updates
lnx-kernel-021-fix = Update the kernel, or move to a version of the system that gets updates
lnx-kernel-021-fail = a kernel that boots has { $count ->
    [one] a flaw that is
   *[other] { $count } flaws that are
 } known to be exploited
lnx-kernel-021-warn = kernels that do not boot by default have { $count ->
    [one] a flaw that is
   *[other] { $count } flaws that are
 } known to be exploited
lnx-kernel-021-pass = no kernel has a flaw that the policy lists
lnx-kernel-021-not-listed = the policy lists no flaws of this system
lnx-kernel-021-ended = { $system } gets no more updates from its vendor
lnx-kernel-021-flaw = it has { $flaw }, which is known to be exploited and mended in { $version }
lnx-kernel-021-or-later = { $version } or later
lnx-kernel-021-kernel = { $release }, package version { $package }
lnx-kernel-021-fix-update = Update { $package } to { $version } or later: { $command }
lnx-kernel-021-fix-system = Build the image from a version of the system that still gets updates, not from { $system }

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
lnx-kernel-009-fix = Replace the modules that the report lists with those of the distribution
lnx-kernel-009-expected = signed by a key that is built into its kernel
lnx-kernel-009-changed = the content is not what { $signer } signed
lnx-kernel-009-differs = no key of its kernel signed it, and its content is not what { $package } recorded
lnx-kernel-009-stripped = not signed, although all modules of this kernel's own build are
lnx-kernel-009-packaged = { $package } owns it, but no key of its kernel signed it
lnx-kernel-009-built = DKMS built it from the sources of { $package }, and no key of its kernel signed it
lnx-kernel-009-unowned = no key of its kernel signed it, and no package owns it
lnx-kernel-009-fail = { $count ->
    [one] 1 module is backed by neither a valid signature nor a package
   *[other] { $count } modules are backed by neither a valid signature nor a package
 }
lnx-kernel-009-concerns = { $count ->
    [one] 1 module comes from a package, but no key of its kernel signed it
   *[other] { $count } modules come from packages, but no key of their kernel signed them
 }
lnx-kernel-009-pass = { $count ->
    [one] the only module is signed by a key of its kernel
   *[other] all { $count } modules are signed by keys of their kernel
 }
lnx-kernel-009-pass-given = { $count ->
    [one] 1 module is signed by a key of its kernel
   *[other] { $count } modules are signed by keys of their kernel
 }, { $given } by a key that was given
lnx-kernel-009-pass-no-keys = { $signed } of { $count } modules are signed by keys of their kernel; { $recorded } equal what packages recorded, which is not signed, because no keys were found in their kernel
lnx-kernel-009-fix-signed = Install a module that a key of the kernel signed in place of the one of { $package }, or remove the package: { $command }
lnx-kernel-010-title = Every kernel module belongs to a package
lnx-kernel-010-fix = Delete the modules that the report lists, or install them from the distribution's packages
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
lnx-kernel-010-concerns = { $count ->
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
lnx-kernel-011-fix = Replace the modules that the report lists with those of the distribution
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
lnx-kernel-012-title = Only packaged configuration loads kernel modules or runs programs in their place
lnx-kernel-012-fix = Delete the lines that the report lists
lnx-kernel-012-expected = a program of a package
lnx-kernel-012-unproven-module = loads a module that neither a signature nor a package backs: { $line }
lnx-kernel-012-kept-out = keeps a module of security software from loading: { $line }
lnx-kernel-012-unowned-file = no package owns the file of this line: { $line }
lnx-kernel-012-by-file = loads a module by its file: { $line }
lnx-kernel-012-own-hook = no package owns this program, which runs when an initial file system or a kernel is made or installed: { $line }
lnx-kernel-012-outside = loads a module from outside of /lib/modules: { $line }
lnx-kernel-012-no-program = names a program that does not exist: { $line }
lnx-kernel-012-unowned-program = runs a program that no package owns: { $line }
lnx-kernel-012-instead = runs a command in place of a module, and no package owns the file of this line: { $line }
lnx-kernel-012-rule = this udev rule runs a command, and no package owns its file: { $line }
lnx-kernel-012-options = gives modprobe other modules or settings than its own: { $line }
lnx-kernel-012-sets = sets, or may set, a program that the kernel starts: { $line }
lnx-kernel-012-loader = loads modules as { $program }, and is not as a package brought it
lnx-kernel-012-fix-loader = Install the package anew that brings the program (to find it: { $search })
lnx-kernel-012-fail = { $count ->
    [one] 1 entry loads an unproven module or runs an unproven program
   *[other] { $count } entries load unproven modules or run unproven programs
 }
lnx-kernel-012-concerns = { $count ->
    [one] 1 entry that concerns modules does not come from a package, or should be looked at
   *[other] { $count } entries that concern modules do not come from packages, or should be looked at
 }
lnx-kernel-012-pass = everything that loads modules comes from packages
lnx-kernel-012-fix-missing = The file { $program } does not exist: install the package that brings it (to find it: { $search }), or delete the line { $place }
lnx-kernel-012-fix-program = Delete the line { $place }, and the program if nothing else needs it: rm { $program }
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
lnx-kernel-015-concerns = { $count ->
    [one] there is 1 live patch, or something that applies live patches
   *[other] there are { $count } live patches, or things that apply them
 }
lnx-kernel-015-pass = there is no live patch
lnx-kernel-015-fix-package = Remove { $package }, and update the kernel instead: { $command }
lnx-kernel-015-fix-folder = Delete the live patches: rm -r { $folder }
lnx-kernel-015-fix-service = Disable the service: { $command }
lnx-kernel-018-title = Nothing shows that a kernel was built or installed by hand
lnx-kernel-018-fix = Install the distribution's kernel, and delete what is that the report lists
lnx-kernel-018-source = the source of a kernel, owned by no package
lnx-kernel-018-package-file = the package file of a kernel was left here
lnx-kernel-018-build-tree = modules are built against this tree, which no package owns
lnx-kernel-018-set-aside = an installation by hand set this kernel aside
lnx-kernel-018-dkms = this module is registered with DKMS
lnx-kernel-018-history = a kernel or a module was built or installed by hand (the line is not shown)
lnx-kernel-018-key = a private key that signs kernel modules: whoever has a copy of the image can sign modules for every machine that trusts it
lnx-kernel-018-package = the package of this kernel was built by hand: { $maintainer }
lnx-kernel-018-fail = the kernel that boots was built by hand
lnx-kernel-018-unknown = { $count ->
    [one] 1 private key that signs kernel modules is left in the image
   *[other] { $count } private keys that sign kernel modules are left in the image
 }
lnx-kernel-018-warn = { $count ->
    [one] 1 sign shows that a kernel or a module was built or installed by hand
   *[other] { $count } signs show that a kernel or a module was built or installed by hand
 }
lnx-kernel-018-pass = nothing shows that a kernel was built or installed by hand
lnx-kernel-018-fix-delete = Delete it if the image does not need it: rm -r { $file }
lnx-kernel-018-fix-dkms = Remove the module if the image does not need it: dkms remove { $module } --all
lnx-kernel-018-fix-key = Delete the key, and trust it nowhere: rm { $file }
lnx-kernel-018-fix-history = Delete the history: rm { $file }
lnx-kernel-022-title = Nothing starts another kernel or system
lnx-kernel-022-fix = Delete the lines and menu entries that the report lists
lnx-kernel-022-menu-script = this script writes part of the boot menu, and no package owns it
lnx-kernel-022-kexec = starts another kernel: { $line }
lnx-kernel-022-altered = this changes what boots when the machine runs
lnx-kernel-022-unaltered = nothing of the kind
lnx-kernel-022-command = the boot menu can start something else: { $command }
lnx-kernel-022-entry = this entry does not start a Linux kernel of the image: { $command }
lnx-kernel-022-fail = { $count ->
    [one] 1 entry starts another kernel or system by itself
   *[other] { $count } entries start another kernel or system by themselves
 }
lnx-kernel-022-concerns = { $count ->
    [one] there is 1 way to start another kernel or system
   *[other] there are { $count } ways to start another kernel or system
 }
lnx-kernel-022-pass = nothing starts another kernel or system
lnx-kernel-022-fix-menu-script = Delete the script and make the menu again: { $command }
lnx-kernel-022-fix-command = Delete the command at { $place } if the image does not need it
lnx-kernel-022-fix-entry = Delete the entry at { $place } from the boot menu, and make a kernel of the image the default
lnx-kernel-022-fix-made = Take the entry at { $place } out of the script of /etc/grub.d that writes it (to find it: grep -rnF -e { $word } /etc/grub.d; entries of other systems: GRUB_DISABLE_OS_PROBER=true in /etc/default/grub), and make the menu anew: { $command }
lnx-kernel-023-title = There is no trace of a known rootkit
lnx-kernel-023-fix = Build the image again on a freshly installed system
lnx-kernel-023-name = carries the name of a known rootkit: { $name }
lnx-kernel-023-file = a known rootkit leaves this file
lnx-kernel-023-import = this unproven module uses { $symbol }, as rootkits do
lnx-kernel-023-fail = { $count ->
    [one] 1 trace of a known rootkit was found
   *[other] { $count } traces of known rootkits were found
 }
lnx-kernel-023-concerns = { $count ->
    [one] 1 unproven module uses what rootkits use
   *[other] { $count } unproven modules use what rootkits use
 }
lnx-kernel-023-pass = no trace of a known rootkit was found
lnx-kernel-023-fix-module = Delete the module if the image does not need it: rm { $file }
lnx-kernel-023-fix-rebuild = Build the image again on a freshly installed system: after the trace at { $place } this one can't be trusted
lnx-kernel-024-title = No setting lets the kernel be changed
lnx-kernel-024-fix = Leave the settings that the report lists at their safe values
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
linux-initramfs-make = Make the initramfs anew: { $command }
linux-loader-install = Install the distribution's boot loaders anew: { $command }
lnx-kernel-002-title = It is known which kernels can boot, and which one boots by default
lnx-kernel-002-fix = Keep only the distribution's kernel in /boot, and have it boot by default (GRUB: GRUB_DEFAULT=0 in /etc/default/grub)
lnx-kernel-002-not-known = it can't be told which kernel boots by default
lnx-kernel-002-fail = { $path } boots by default and belongs to no package
lnx-kernel-002-unknown = it can't be told for certain which kernel boots by default
lnx-kernel-002-warn = { $path } boots by default, but { $count ->
    [one] 1 point
   *[other] { $count } points
 } should be looked at
lnx-kernel-002-pass = { $path } boots by default, of { $count ->
    [one] 1 kernel
   *[other] { $count } kernels
 }
lnx-kernel-002-entry = the default entry ({ $place }): { $title }
lnx-kernel-002-default = boots by default: { $banner }
lnx-kernel-002-once = the next boot alone uses another entry
lnx-kernel-002-hidden = the boot menu is hidden (timeout 0)
lnx-kernel-002-vendors = there are kernels of several vendors; this one is from { $vendor }
lnx-kernel-002-older = the default kernel is older than { $release }
lnx-kernel-002-fix-once = Delete the choice for the next boot ({ $place }): { $command }
lnx-kernel-002-fix-hidden = Set { $line } in /etc/default/grub, and make the menu anew: { $command }
lnx-kernel-002-fix-timeout = Set the waiting time of the menu in { $place }: { $line }
lnx-kernel-002-fix-older = Have { $release } boot by default ({ $command }), or remove it if the image does not need it
lnx-kernel-002-fix-default = Have { $release } boot by default in { $place }, or remove it if the image does not need it
lnx-kernel-013-root-absent = no root=
lnx-kernel-013-root-expected = a root that is the volume { $volume }, which holds this system
lnx-kernel-013-root-type = its file system is to be read as { $kind }, which is not the one that was read
lnx-kernel-013-root-other-volume = the root is another volume of the image ({ $volume }): this system is not what boots
lnx-kernel-013-root-several = { $count } volumes of the image fit, and which one is mounted is not certain
lnx-kernel-013-root-none = no volume of the image is this root
lnx-kernel-013-root-other-disk = the root is on another disk than this image
lnx-kernel-013-root-unfollowed = what this root is can only be told at boot
lnx-kernel-013-root-differs = the kernel and the initial file system read different roots; the latter reads { $value }
lnx-kernel-013-fix-root = Let root= in { $place } name the root volume of the image by its UUID.
lnx-kernel-013-title = No kernel argument redirects the boot or weakens the kernel
lnx-kernel-013-fix = Remove the arguments that the report lists from the boot configuration
lnx-kernel-013-fail = { $count ->
    [one] 1 kernel argument makes
   *[other] { $count } kernel arguments make
 } another program run at the next boot
lnx-kernel-013-warn = { $count ->
    [one] 1 kernel argument weakens
   *[other] { $count } kernel arguments weaken
 } the kernel
lnx-kernel-013-unknown = no boot menu was found, so the kernel's arguments are not known
lnx-kernel-013-unclear = { $count ->
    [one] 1 argument makes it uncertain what boots, or redirects
   *[other] { $count } arguments make it uncertain what boots, or redirect
 } a boot that someone can choose or that a later menu starts
lnx-kernel-013-pass = no argument of { $count ->
    [one] the command line
   *[other] the { $count } command lines
 } weakens the kernel or redirects the boot
lnx-kernel-013-redirected = boots with { $argument }
lnx-kernel-013-redirected-entry = this entry boots with { $argument } where someone chooses it
lnx-kernel-013-redirected-later = menus that are made later will boot with { $argument }
lnx-kernel-013-weakened = { $argument } weakens the kernel at the next boot
lnx-kernel-013-weakened-entry = { $argument } weakens the kernel where this line is used
lnx-kernel-013-not-understood = what { $argument } does is not known
lnx-kernel-013-expected = without { $argument }
lnx-kernel-013-default = boots by default with: { $line }
lnx-kernel-013-chosen = where someone chooses it: { $line }
lnx-kernel-013-later = for menus that are made later: { $line }
lnx-kernel-013-fix-grub = Remove { $argument } from { $place }, and make the menu anew: { $command }
lnx-kernel-013-fix-menu = { $argument } is in { $place } only, not in /etc/default/grub: make the menu anew, which leaves it out: { $command }; if it is there again, a script writes it (to find it: grep -rnF -e { $word } /etc/grub.d)
lnx-kernel-013-fix-command = Remove { $argument } from { $place }: { $command }
lnx-kernel-013-fix-unified = { $file } holds the argument itself: remove { $argument } from /etc/kernel/cmdline, and build the image anew: { $command }
lnx-kernel-013-fix-later = Remove { $argument } from { $place }: entries of kernels that are installed later take it from there
lnx-kernel-013-fix-extlinux = Remove { $argument } from { $place } and from default_kernel_opts in /etc/update-extlinux.conf, and make the menu anew: { $command }
lnx-kernel-013-fix-unknown = Put the configuration of the boot loader into the image (GRUB: { $command }), and scan again
lnx-kernel-013-fix-line = Remove { $argument } from { $place }
lnx-kernel-014-title = The initramfs holds only what the system's own files give
lnx-kernel-014-fix = Make the initramfs anew
lnx-kernel-014-none = what boots loads no initramfs
lnx-kernel-014-fail = { $count ->
    [one] 1 file in { $path } runs or steers the boot and matches nothing in this system
   *[other] { $count } files in { $path } run or steer the boot and match nothing in this system
 }
lnx-kernel-014-unproven-files = { $count ->
    [one] 1 file in { $path } is
   *[other] { $count } files in { $path } are
 } not fully explained: data, keys, changed settings, files that no package owns, or what dracut wrote
lnx-kernel-014-pass = every file in { $count ->
    [one] the initramfs
   *[other] the { $count } initramfs images
 } is explained by files of the system
lnx-kernel-014-covered = part of a kernel image, and covered by its signature
lnx-kernel-014-member = { $name } (archive { $archive }): { $note }
lnx-kernel-014-expected = a file of this system
lnx-kernel-014-unknown = matches nothing in this system
lnx-kernel-014-recorded = equals { $path }, but { $package } recorded another digest of that file
lnx-kernel-014-unowned = equals { $path }, which no package owns
lnx-kernel-014-derived = is not what its sources give: { $how }
lnx-kernel-014-changed = equals { $path }, a setting of { $package } that was changed after it was installed
lnx-kernel-014-no-applet = equals { $path }, which has no command of that name
lnx-kernel-014-admits = lets in whoever holds its keys, before the system starts
lnx-kernel-014-secret = equals { $path }, a key that every copy of this image has
lnx-kernel-014-dracut = dracut writes such files for the machine that it runs on, so they can't be compared
lnx-kernel-014-unproven = a module that the kernel's key does not prove
lnx-kernel-014-summary = { $files ->
    [one] 1 file
   *[other] { $files } files
 } ({ $modules ->
    [one] 1 module
   *[other] { $modules } modules
 }) in { $archives ->
    [one] 1 archive
   *[other] { $archives } archives
 }: { $same } equal the file at the same path, { $copied } a file elsewhere, { $derived } derived or empty, { $left } unexplained
lnx-kernel-014-fix-keys = Take the keys for logging in out of the folder that they come from (/etc/dropbear/initramfs for dropbear), then make the initramfs anew
lnx-kernel-014-fix-unowned = Install the package that brings { $path } (to find it: { $search }), or delete the file: rm { $file }
lnx-kernel-017-title = The boot loaders are signed by their vendors, and not of a refused generation
lnx-kernel-017-fix = Install the distribution's signed boot loaders for UEFI (shim and GRUB)
lnx-kernel-017-none = no boot loader was found as a file, so what starts the kernel is not proven
lnx-kernel-017-fail = { $count ->
    [one] 1 part of the boot loaders was
   *[other] { $count } parts of the boot loaders were
 } changed
lnx-kernel-017-warn = { $count ->
    [one] 1 part of the boot loaders is
   *[other] { $count } parts of the boot loaders are
 } not proven
lnx-kernel-017-unproven = { $count ->
    [one] 1 part of the boot loaders is
   *[other] { $count } parts of the boot loaders are
 } neither signed by a known vendor nor proven by a reference
lnx-kernel-017-pass = every boot loader is signed, and accepted by what starts it
lnx-kernel-017-signed = the signature is valid
lnx-kernel-017-reference = not signed by a known vendor, and equal to a reference
lnx-kernel-017-fix-unsigned = No vendor signs the loader of { $package }. Prove it by a reference made of the package (imgscan baseline add), or start by the distribution's signed loaders: { $command }
lnx-kernel-017-copy = not signed by a known vendor; a copy of { $path } of { $package }, for which only the package's unsigned record speaks
lnx-kernel-017-copy-changed = not signed by a known vendor, and a copy of { $path }, which is not what its package recorded
lnx-kernel-017-unsigned = not signed, and a copy of no packaged file
lnx-kernel-017-unsigned-first = the firmware of a fresh machine starts this program, which no known vendor signed and no package brought, though others of the boot chain are signed
lnx-kernel-017-no-shim = signed, but no proven shim of the image accepts this signer
lnx-kernel-017-generation = its { $component } is of a generation that newer firmware refuses
lnx-kernel-017-generation-expected = { $component },{ $generation } or later
lnx-kernel-017-no-sbat = a shim without SBAT generations, which newer firmware refuses
lnx-kernel-017-module-differs = differs from the package's copy in { $folder }
lnx-kernel-017-no-originals = { $count ->
    [one] 1 module of GRUB has
   *[other] { $count } modules of GRUB have
 } no copy of a package to compare with
lnx-kernel-017-module-unknown = a module of GRUB of which the package keeps no copy
lnx-kernel-017-modules-equal = { $count ->
    [one] 1 module equals
   *[other] { $count } modules equal
 } the package's copies
lnx-kernel-017-no-boot-code = a GRUB for BIOS is installed, but the disk's first sector holds no boot code
lnx-kernel-017-code-changed = { $part } is made of a file that differs from the record of its package
lnx-kernel-017-code-unknown = { $part } holds code of no file that a package owns
lnx-kernel-017-code-expected = a file of GRUB's package
lnx-kernel-017-no-file = no file of the image
lnx-kernel-017-bios = started by a BIOS, which verifies no signature; { $explained } of { $count ->
    [one] 1 piece comes
   *[other] { $count } pieces come
 } from files of packages
lnx-kernel-017-bios-expected = every piece comes from a file of a package
lnx-kernel-017-bios-found = packages: { $packages }; first commands: { $config }

### Checks: Windows in common
win-execution-expected = explained: signed under its own name, known good by a reference, or asked for by the policy
win-execution-nothing = { $what }: nothing of it is left to explain
win-execution-part = { $path }: { $why } (SHA-256 { $sha256 })
win-execution-both = { $one }; { $other }
win-execution-reference = its bytes are known good by the reference
win-execution-renamed = signed by { $signer }, but as { $original }: it is another program under this name
win-execution-remote-tool = by it somebody elsewhere may reach or control this machine, whoever signed it
win-execution-usual = Windows itself sets it so
win-execution-required = the policy asks for it, and a check of its own judges its files
win-execution-harmless = it harms nothing: { $code }
win-execution-dormant = it is switched off as it stands
win-execution-script = a script that nothing explains
win-execution-code = it carries out what the command itself says: { $code }
win-persist-004-library = { $kind } { $name }
win-execution-does = { $why }: { $code }
win-execution-by = { $path }: { $why }
win-program = { $what }: { $why }
win-program-shared-folder = it lies in a folder for temporary or shared files ({ $place })
win-program-user-folder = it lies in a user's folder ({ $place })
win-program-system-name = it has the name of a Windows program but lies elsewhere
win-program-stream = it lies in a named stream of a file
win-program-script = it runs a script that fetches or hides what it runs ({ $sign })
win-program-missing = { $path } does not exist
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
win-fix-reg-set = Set the value: reg add "{ $key }" /v "{ $value }" /t { $kind } /d "{ $data }" /f
win-fix-reg-set-default = Set the default value of the key: reg add "{ $key }" /ve /t { $kind } /d "{ $data }" /f
win-fix-reg-delete = Delete the value: reg delete "{ $key }" /v "{ $value }" /f
win-fix-reg-delete-default = Delete the default value of the key: reg delete "{ $key }" /ve /f
win-fix-hive = { $fix } (while that user is not logged on, load the user's registry before: reg load "{ $root }" "{ $file }", and unload it afterwards: reg unload "{ $root }")
win-fix-reg-entry = Remove { $entry } from the value { $value } of { $key } with regedit
win-fix-reg-restore = Set the value { $value } of { $key } with regedit to what it is on a fresh system ({ $wanted })
win-absent = should not be there
win-no-file = no such file
win-none-of-these = none of these
win-fix-sfc = Restore the file from the component store: sfc /scanfile="{ $path }"; or from the installation medium of this version of Windows: sfc /scanfile="{ $path }" /offbootdir={ $drive }\ /offwindir={ $windows }
win-fix-sfc-all = Restore the files of Windows: sfc /scannow; or from the installation medium of this version of Windows: sfc /scannow /offbootdir={ $drive }\ /offwindir={ $windows }
win-fix-dism = Restore the files of Windows: DISM /Online /Cleanup-Image /RestoreHealth, then sfc /scannow; or from the installation medium of this version of Windows: sfc /scannow /offbootdir={ $drive }\ /offwindir={ $windows }
win-fix-service-restore = { $service } is a service of Windows and must not be deleted: take its key from an original installation of this version (there: reg export "HKLM\SYSTEM\CurrentControlSet\Services\{ $service }" service.reg; here: reg import service.reg)
win-fix-bcdboot = Write the boot files again (from the installation medium where Windows does not start): { $command }
win-fix-file = Delete the file: del /f /a "{ $path }"
win-fix-driver = Install a version of the driver that Microsoft signed or certified; or remove it: sc delete "{ $service }", and after a restart del /f /a "{ $path }"
win-fix-certificate = Remove the certificate: reg delete "{ $key }" /f

### Checks: Windows agents and cloudbase-init
win-key-absent = no such key
win-file-absent = no such file
win-stream-absent = no such stream
win-nothing = nothing
win-none = none
win-one-of = one of { $values }
win-time-unknown = at an unknown time
win-fix-key-delete = Delete the key: reg delete "{ $key }" /f
win-fix-upcoming-policies = { $file } sets this at the next refresh of group policies: run gpupdate /force before sysprep and correct what it sets with gpedit.msc, or delete the file
win-control-set = the next start uses { $name }
win-control-set-changes = the next start uses { $name } (Select\Default { $next }), the last one used Select\Current { $last }
win-service-absent = there is no such service
win-service-start-type = { $start ->
    [0] 0 (boot)
    [1] 1 (system)
    [2] 2 (automatic)
    [3] 3 (manual)
    [4] 4 (disabled)
   *[other] { $start } (no start type of Windows)
 }
win-service-no-start = not there, or not a number
win-service-start = start type of { $service }; the key was last written { $written }
win-service-start-delayed = start type of { $service } (delayed start); the key was last written { $written }
win-service-deleted = { $service } is marked for deletion at the next start
win-service-driver = { $service } is registered as a driver, so its program never runs
win-service-pe = a PE program for machine { $machine }
win-service-no-pe = no PE program
win-service-any-pe = a PE program
win-service-pe-for = a PE program for { $architecture }
win-service-program = program of { $service }, { $size } bytes
win-service-program-missing = the program of { $service } is not in the image
win-service-no-program = { $service } names no program
win-service-a-path = the path of a program
win-service-fix-start = Set the service to start automatically: sc config "{ $service }" start= auto
win-service-fix-type = Register it as a service with a program of its own: sc config "{ $service }" type= own
win-service-fix-install = Install { $service } again, then check program and start type: sc qc "{ $service }"
win-agent-001-title = The security agent is installed and starts automatically
win-agent-001-fix = Install the security agent again and leave its services on automatic start
win-agent-002-title = The monitoring agent is installed and starts automatically
win-agent-002-fix = Install the monitoring agent again and leave its services on automatic start
win-agent-pass = { $agent } is installed and starts automatically
win-agent-warn = { $agent } is installed, with { $count ->
    [one] 1 fault
   *[other] { $count } faults
 }
win-agent-fail = { $agent } is installed, but it can't start or its program was changed
win-agent-unknown = it can't be told whether what runs is { $agent }
win-agent-absent = the agent is not installed
win-agent-no-service = { $agent } has no service here
win-agent-service-missing = a service of { $agent } is missing
win-agent-newer = this generation is newer than the one that the guide lists
win-agent-elsewhere = the service has the agent's name, but its program is not in the agent's folder
win-agent-signature = signature of the agent's program: { $why }
win-agent-not-maker = { $why }, who is not the agent's maker
win-agent-signature-optional = { $why }; this policy asks for no signature
win-agent-signed-by = signed by { $signers }
win-agent-unsigned = no valid signature
win-agent-file = a file of the agent
win-agent-file-missing = a file of the agent is missing
win-agent-fix-install = Install one of these and leave its services on automatic start: { $agents }
win-agent-fix-again = Install { $agent } again; a part of it is missing
win-agent-fix-elsewhere = Install { $agent } again, so that the service { $service } starts the program of its maker and not { $program }
win-agent-fix-signed = Install { $agent } again, so that { $program } is the file that its maker signed
win-agent-fix-trust = Give imgscan the certificate of the authority that vouches for { $signer }: --trust FILE
win-agent-003-title = The automation agent (TAT) starts automatically
win-agent-003-fix = Install the automation agent (TAT) again and leave its service on automatic start
win-agent-003-not-required = this policy does not ask for the automation agent
win-agent-003-absent = the automation agent is not installed
win-agent-003-warn = the automation agent does not start by itself, or its program is elsewhere
win-agent-003-fail = the program of the automation agent was changed or is damaged
win-agent-003-unknown = whether the automation agent starts can't be told
win-agent-003-pass = the automation agent starts automatically
win-agent-003-fix-install = Install the automation agent again and set it to start automatically: sc config "{ $service }" start= auto
win-cbi-001-title = cloudbase-init starts automatically
win-cbi-001-fix = Install cloudbase-init and set it to start automatically: sc config cloudbase-init start= auto
win-cbi-001-fix-install = Install cloudbase-init and set it to start automatically: sc config "{ $service }" start= auto
win-cbi-001-fix-width = Uninstall the 32-bit cloudbase-init and install the 64-bit one
win-cbi-001-absent = { $service } is not installed
win-cbi-001-pass = { $service } starts automatically
win-cbi-001-late = { $service } is off in the image; a script turns it on at the end of the setup
win-cbi-001-warn = { $service } starts automatically, with { $count ->
    [one] 1 fault
   *[other] { $count } faults
 }
win-cbi-001-fail = { $service } will not start automatically
win-cbi-001-unknown = { $service } is set to start, but { $count } things of what it runs can't be told
win-cbi-001-beside = the program needs it
win-cbi-001-other-program = the service runs another program than cloudbase-init
win-cbi-001-taken-in = Python takes this in when cloudbase-init starts
win-cbi-001-moved = files of cloudbase-init are deleted, renamed or replaced when Windows starts
win-cbi-001-environment = this leads the Python of cloudbase-init, or its configuration, elsewhere
win-cbi-001-fix-tree = install cloudbase-init again from its package, and remove what was added to it
win-cbi-001-beside-missing = the program needs it, and it is missing
win-cbi-001-set-by-script = this script sets the service to start automatically at the end of the setup
win-cbi-001-other-width = the 32-bit edition on a 64-bit system
win-cbi-002-title = cloudbase-init is configured for Tencent Cloud
win-cbi-002-fix = Replace cloudbase-init.conf by the one in Tencent Cloud's documentation
win-cbi-002-fix-value = Write in { $file }, section [{ $section }]: { $line }
win-cbi-002-fix-unblock = Remove the mark of the download: powershell "Unblock-File -LiteralPath '{ $file }'"
win-cbi-002-fix-script = Copy { $file } from Tencent Cloud's base image
win-cbi-002-no-file = there is no configuration file
win-cbi-002-searched = the command of the service names no configuration: other places are searched
win-cbi-002-foreign-code = { $name } names code that is not cloudbase-init's own
win-cbi-002-own-code = classes of cloudbase-init itself
win-cbi-002-fix-line = take { $name } out of the configuration, or give it the value that is expected
win-cbi-002-absent = cloudbase-init has no configuration
win-cbi-002-state = it still holds what was done on instance { $instance }, and will not do it again
win-cbi-002-value = { $name } in the configuration
win-cbi-002-switch = true or false
win-cbi-002-number = a whole number
win-cbi-002-levels = loggers with a level each, such as comtypes=INFO
win-cbi-002-port = a port, its rate, parity and bits, such as COM1,115200,N,8
win-cbi-002-volumes = numbers of volumes, the system's among them
win-cbi-002-plain = a value without $
win-cbi-002-refused = cloudbase-init refuses the value of { $name } and may end with it
win-cbi-002-filled = another option is put into { $name }
win-cbi-002-own-folder = a folder of this machine that is there
win-cbi-002-log-folder = the folder of { $name } is not there, and cloudbase-init ends at its start
win-cbi-002-own-log = the folder of { $name }, which the setup of cloudbase-init makes, is not there
win-cbi-002-log-afar = with { $name } the log goes to another machine or to a device
win-cbi-002-no-scripts = PowerShell does not run the scripts of the provider and of the user's data as they are meant
win-cbi-002-new-option = an option that is not known of any release of cloudbase-init
win-cbi-002-unread-option = a switch that no release of cloudbase-init reads, and none of the code that is here
win-cbi-002-not-set = { $name } is not set, so the program's default applies
win-cbi-002-contains = with { $values }
win-cbi-002-without = without { $values }
win-cbi-002-script = a script of the provider
win-cbi-002-script-ended = the script of the provider ends before it does anything
win-cbi-002-script-marked = the script is marked as downloaded, so PowerShell will not run it
win-cbi-002-script-missing = a script of the provider is missing
win-cbi-002-pass = the configuration of cloudbase-init suits Tencent Cloud
win-cbi-002-warn = cloudbase-init works with its configuration, but { $count ->
    [one] 1 point
   *[other] { $count } points
 } of it should be changed
win-cbi-002-fail = with this configuration instances can't be set up or get a password ({ $count ->
    [one] 1 fault
   *[other] { $count } faults
 })
win-cbi-002-unknown = { $count } parts of the configuration or the scripts of cloudbase-init can't be told

### Checks: Windows, the first start
win-first-command = runs at the first start ({ $source }): { $why }
win-first-wanted = commands that are understood and harm nobody
win-first-look = look at { $place }, and take the command out or give what it starts to be judged
win-first-module = sysprep loads this library ({ $source }): { $why }
win-first-own-module = libraries of Windows
win-first-unclear = what it does can't be told
win-first-setting = it sets { $setting } of { $component }, and what that does can't be told
win-first-writes = it writes the file { $path }
win-first-desktop = it puts a file on a desktop
win-first-instead = under this name { $path } runs, which lies in a folder that the script is in
win-first-missing = it runs { $path }, which is not there, and others than administrators may put it there
win-first-remote = it asks another computer ({ $path }), and tells it who it runs as
win-first-repeated = it is harmless once, and runs again and again
win-first-secrets = it writes the accounts or the secrets of Windows to a file
win-first-sends = it sends a part of the registry to another computer ({ $path })
win-first-waits = it waits longer than { $most } seconds, and what stands behind it may never run
win-first-restarts = it restarts the machine or switches it off before the rest of its script has run
win-first-encoded = an encoded command of PowerShell
win-first-boot-changed = it weakens what boots ({ $setting })
win-first-firewall-off = it switches the firewall off
win-first-certutil = certutil fetches a file or makes Windows trust a certificate
win-first-stops = it stops, disables or deletes a service that the image must have
win-first-driver = it installs a driver
win-first-user = it adds a user
win-first-password = it sets a password
win-first-administrator = it disables the Administrator
win-first-member = it adds a member to a group
win-first-registry = it sets a value that decides what runs or who gets in
win-first-deletes-agent = it deletes files of a service that the image must have
win-first-power = PowerShell that attacks are made of ({ $part })
win-service-script = a command that runs at the first start stops, disables or deletes the service { $service }

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
win-kernel-005-fix-policy = Delete the policy (del /f /a "{ $path }"), or have it signed and explain it on the product page
win-kernel-005-fix-unknown = Explain on the product page what the policy { $path } is for and who signed it: its signature could not be verified
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
win-kernel-007-unknown = { $count ->
    [one] 1 thing that runs or changes files before any logon can't be judged
   *[other] { $count } things that run or change files before any logon can't be judged
 }
win-kernel-007-pass = every value is the default or not set
win-kernel-007-autochk = checks volumes before they are used
win-kernel-007-servicing = finishes the installation of updates, which changes files before the start
win-kernel-007-native = { $value } runs a program that Windows does not run there
win-kernel-007-library = library { $name } of the subsystem of Windows
win-kernel-007-parameter = a parameter of the subsystem that is not understood
win-kernel-007-as-installed = as after installation
win-kernel-007-loads = { $note } (value { $value })
win-kernel-007-known = library { $name }, which all programs share
win-kernel-007-bare = the name of a file
win-kernel-007-device = { $name } is made a link to another device or folder
win-kernel-007-setup = the program that setup runs at the next start
win-kernel-007-renames = { $from } is moved to { $to }
win-kernel-007-deletes = { $path } is deleted
win-kernel-007-protected-renames = protected files may be renamed at the next start
win-kernel-007-newer-renames = files that wait for the next start in a form that is not read
win-kernel-007-pending-where = which file the next start changes can't be told
win-kernel-007-pending-gone = the next start would change a file that does not exist
win-kernel-007-pending-service = the next start takes away the program of { $services }
win-kernel-007-pending-protected = the next start takes away a file that the system or the cloud needs
win-kernel-007-pending-clears = the next start deletes a temporary file
win-kernel-007-pending-hidden = the next start deletes a file whose path hides which it is
win-kernel-007-pending-deletes = the next start deletes a file
win-kernel-007-pending-replaces = the next start puts a file where the system or the cloud has its own
win-kernel-007-pending-moves = the next start moves a file, and what it does there can't be told
win-boot-ini = Windows before Vista starts by boot.ini and has no boot configuration data
win-boot-no-store = no volume holds a boot configuration (\Boot\BCD or \EFI\Microsoft\Boot\BCD)
win-boot-no-store-read = no boot configuration (\Boot\BCD or \EFI\Microsoft\Boot\BCD) was found in what could be read
win-boot-next = boots next, once
win-boot-default = boots by default
win-boot-menu = can be chosen at start
win-boot-startup = starts before every other entry
win-boot-resume = wakes a hibernated system
win-boot-recovery = starts when another entry fails
win-boot-tool = can be chosen as a tool
win-boot-other = another setting leads to it
win-boot-001-title = Boot manager, default entry and loader exist
win-boot-001-fix = Write the boot files again: bcdboot C:\Windows (C: is the drive of this Windows)
win-boot-001-pass = boot manager, default entry and loader are there
win-boot-001-warn = the default entry leads to its loader, but another part of the boot configuration leads nowhere
win-boot-001-fail = the boot configuration leads to no loader of this image
win-boot-001-unknown = no way to a loader was found in the parts of the boot configuration that could be read
win-boot-001-manager = the boot manager
win-boot-001-no-manager = the boot manager does not exist
win-boot-001-no-default = no entry boots by default
win-boot-001-no-default-set = no default is set
win-boot-001-object = an entry of this boot configuration
win-boot-001-here = a partition of this image
win-boot-001-device = a device
win-boot-001-active = the active partition, which a BIOS starts
win-boot-001-none-active = no partition is active
win-boot-001-volume = { $device } = { $volume }
win-boot-001-element = { $name } of { $title }
win-boot-001-loader = the loader
win-boot-001-no-loader = the loader does not exist
win-boot-001-file = a file of that device
win-boot-001-no-recovery = the recovery entry does not exist
win-boot-002-title = virtio storage and network drivers start with the system and are signed
win-boot-002-fix = Install the virtio drivers of the cloud (storage and network), restart once, and make the image again
win-boot-002-pass = a virtio storage driver starts with the system, and a network driver is installed
win-boot-002-modified = the file of a virtio driver does not match its signature
win-boot-002-unsigned = the virtio drivers start, but no trusted signature vouches for them
win-boot-002-no-device = the virtio drivers are installed, but the system does not know the virtio storage devices
win-boot-002-no-network = a virtio storage driver starts with the system, but the network driver is missing or off
win-boot-002-late = a virtio storage driver starts, but later than the system
win-boot-002-unknown = no virtio storage driver was found in what could be read
win-boot-002-fail = no virtio storage driver starts with the system
win-boot-002-none = no driver of this kind is installed
win-boot-002-boot-start = 0 (boot)
win-boot-002-any-start = 0 to 3
win-boot-002-start = start type of { $service }
win-boot-002-override = StartOverride holds { $service } back
win-boot-002-override-wanted = less than 3
win-boot-002-driver = driver of { $service }, { $bytes } bytes: { $why }
win-boot-002-signature = a trusted signature
win-boot-002-missing = the driver file of { $service } does not exist
win-boot-002-device = the system knows the virtio storage device
win-boot-002-device-absent = the system knows no virtio storage device
win-boot-002-fix-driver = Install a signed version of the virtio driver { $path }
win-kernel-signed = signed
win-kernel-modified = changed after it was signed
win-kernel-unsigned = no signature, and no catalog lists it
win-kernel-no-signature-seen = no signature was found, but not every catalog could be read
win-kernel-vulnerable = a driver that is known to open the kernel to attackers
win-kernel-vulnerable-wanted = no driver that is known to be abused
win-kernel-file-version = { $note }; version { $version }
win-kernel-file-services = { $count ->
    [one] { $note }; service { $services }
   *[other] { $note }; services { $services }
 }
win-kernel-001-title = What runs in the kernel is authentic
win-kernel-001-fix = Restore the system files: DISM /Online /Cleanup-Image /RestoreHealth (Windows 8 and later), then sfc /scannow; replace the listed drivers with versions that Microsoft signed or certified
win-kernel-001-level = level { $level }
win-kernel-001-reasons = level { $level }: { $reasons }
win-kernel-001-wanted = K4 or K5
win-kernel-002-title = Kernel, HAL, code integrity, loaders and boot manager carry valid Microsoft signatures
win-kernel-002-fix = Restore the system files: DISM /Online /Cleanup-Image /RestoreHealth (Windows 8 and later), then sfc /scannow
win-kernel-002-pass = kernel and boot files carry valid Microsoft signatures
win-kernel-002-warn = { $count ->
    [one] 1 boot file is signed for another vendor
   *[other] { $count } boot files are signed for other vendors
 }
win-kernel-002-fail = { $count ->
    [one] 1 kernel or boot file is not as Microsoft signed it
   *[other] { $count } kernel or boot files are not as Microsoft signed them
 }
win-kernel-002-unknown = { $count ->
    [one] 1 kernel or boot file can't be judged
   *[other] { $count } kernel or boot files can't be judged
 }
win-kernel-002-wanted = a signature that leads to Microsoft's certificates
win-kernel-002-other-loader = a boot program of another vendor
win-kernel-002-other-anchor = signed, but by an authority that does not sign Windows
win-kernel-002-other-usage = signed, but not for components of Windows
win-kernel-002-other-signer = signed by somebody else
win-kernel-002-no-pe = a boot manager for BIOS systems that is not known, and in which no program is packed
win-kernel-002-known = a boot manager that is known by its digest
win-kernel-002-packed = the program that is packed from byte { $at } is signed by Microsoft; the code before it carries no signature
win-kernel-002-missing = System32\{ $name } does not exist
win-kernel-003-title = A valid catalog covers each kernel file that has no signature of its own
win-kernel-003-fix = Restore the system files and their catalogs: DISM /Online /Cleanup-Image /RestoreHealth (Windows 8 and later), then sfc /scannow
win-kernel-003-pass = valid catalogs list every file that has no signature of its own
win-kernel-003-warn = { $count ->
    [one] 1 file is listed by another signer, or is not listed and not loaded
   *[other] { $count } files are listed by other signers, or are not listed and not loaded
 }
win-kernel-003-fail = { $count ->
    [one] 1 file has no signature, and no catalog lists it
   *[other] { $count } files have no signature, and no catalog lists them
 }
win-kernel-003-unknown = { $count ->
    [one] whether a catalog lists 1 file can't be told
   *[other] whether a catalog lists { $count } files can't be told
 }
win-kernel-003-none = no file needs a catalog
win-kernel-003-listed = listed
win-kernel-003-idle = not listed, and no service loads it
win-kernel-003-not-seen = not found in the catalogs that could be read
win-kernel-003-no-store = the image has no catalog store
win-kernel-003-unlisted = no catalog lists it
win-kernel-003-other-signer = listed in a catalog that Microsoft did not sign
win-kernel-003-wanted = listed in a catalog that Microsoft signed
win-kernel-004-title = The boot configuration turns no signature check off and leads to the usual loader
win-kernel-004-fix = Remove the listed settings with bcdedit /deletevalue
win-kernel-004-pass = the boot configuration turns nothing off and leads to the usual loader
win-kernel-004-warn = { $count ->
    [one] 1 setting is for debugging or weakens an entry that does not boot by default
   *[other] { $count } settings are for debugging or weaken entries that do not boot by default
 }
win-kernel-004-fail = { $count ->
    [one] 1 setting turns code integrity off or leads to another loader or kernel
   *[other] { $count } settings turn code integrity off or lead to another loader or kernel
 }
win-kernel-004-no-entry = no entry boots
win-kernel-004-hibernated = the memory of a hibernated system, which nothing proves
win-kernel-004-resumed = the boot manager goes on with it ({ $element })
win-kernel-004-not-resumed = nothing goes on with it by itself
win-kernel-004-kind = { $title } is an entry of a kind that is not judged
win-kernel-004-kind-wanted = a loader, a memory test, or one that wakes a hibernated system
win-kernel-004-understood = only settings that are understood
win-kernel-004-ours = a volume of this image
win-kernel-004-nested = { $title } starts from a system inside of a file, { $path }, which is not opened
win-kernel-004-reference = { $title } starts from { $path }, whose bytes are known good by the reference
win-kernel-004-device = where { $title } starts from is not understood
win-kernel-004-ambiguous = { $title } starts from one of several volumes: { $volumes }
win-kernel-004-other-windows = { $title } starts another Windows than the one that is judged here
win-kernel-004-unknown = { $count ->
    [one] 1 setting is not understood, or leads to what is not judged
   *[other] { $count } settings are not understood, or lead to what is not judged
 }
win-kernel-004-entry = { $title } ({ $turn })
win-kernel-004-element = { $name } ({ $id }) of { $title }
win-kernel-004-path = not one of the usual paths
win-kernel-004-fix-delete = Remove the setting: bcdedit /deletevalue "{ $object }" { $name }
win-kernel-004-fix-set = Set the usual path: bcdedit /set "{ $object }" { $name } "{ $wanted }"
win-kernel-006-title = Every driver is signed and in its usual place
win-kernel-006-fix = Install versions of the listed drivers that Microsoft signed or certified; remove services of other makers with sc delete, and restore those of Windows with sfc /scannow
win-kernel-006-pass = every driver is signed by Microsoft or certified, and in its usual place
win-kernel-006-warn = { $count ->
    [one] 1 driver has no file, is in an unusual place or is not loaded
   *[other] { $count } drivers have no file, are in unusual places or are not loaded
 }
win-kernel-006-fail = { $count ->
    [one] 1 driver is unsigned, changed, known to be abused or in a place for no driver
   *[other] { $count } drivers are unsigned, changed, known to be abused or in places for no driver
 }
win-kernel-006-unknown = { $count ->
    [one] 1 driver needs a decision: nobody whom Microsoft trusts signed it
   *[other] { $count } drivers need a decision: nobody whom Microsoft trusts signed them
 }
win-kernel-006-wanted = a driver that Microsoft signed or certified
win-kernel-006-self-signed = its certificate signed itself
win-kernel-006-other-signer = signed, but Microsoft does not vouch for the signer: a person must decide
win-kernel-006-place = the driver of { $service } is outside of the usual folders
win-kernel-006-missing = the driver file of { $service } does not exist
win-kernel-006-missing-elsewhere = the driver file of { $service } does not exist, and its path is outside of the usual folders
win-kernel-006-no-file = { $path }: no such file
win-kernel-006-no-image-path = no ImagePath, and no such file
win-kernel-006-type = the type of { $service } is none that a driver has
win-kernel-006-fix-type = Set the type of the service: reg add "HKLM\SYSTEM\CurrentControlSet\Services\{ $service }" /v Type /t REG_DWORD /d 1 /f (2 for a driver of a file system, 16 for a program)
win-kernel-006-filter = filter { $filter } of a device
win-kernel-006-data = data that is taken apart before or inside the kernel
win-kernel-006-data-wanted = a file that a catalog of Windows lists
win-kernel-006-data-unlisted = no catalog lists it
win-kernel-006-data-none = no catalog lists any of { $count } such files: whether they are those of Windows can't be told
win-kernel-006-filter-boots = filter { $filter } of devices that Windows needs for its start
win-kernel-006-filter-wanted = the service of a driver that is there
win-kernel-006-filter-absent = no such service
win-kernel-006-filter-no-driver = a service that is no driver
win-kernel-006-filter-no-file = its driver file does not exist
win-kernel-006-filter-disabled = a service that is disabled
win-kernel-006-fix-place = Install the driver of { $service } again from its package, or remove it: sc delete "{ $service }"
win-kernel-006-fix-signer = Install a version of { $path } that Microsoft signed or certified; or scan with --trust and the certificate of its signer, if you trust it
win-kernel-006-fix-missing = Remove the service that has no driver: sc delete "{ $service }"
win-kernel-008-title = System files are those of the component store
win-kernel-008-fix = Repair the component store and the system files: DISM /Online /Cleanup-Image /RestoreHealth (Windows 8 and later), then sfc /scannow
win-kernel-008-pass = system files are those of the component store
win-kernel-008-warn = { $count ->
    [one] 1 system file is not that of the component store, but validly signed
   *[other] { $count } system files are not those of the component store, but validly signed
 }
win-kernel-008-fail = { $count ->
    [one] 1 system file is not that of the component store and not validly signed
   *[other] { $count } system files are not those of the component store and not validly signed
 }
win-kernel-008-none = the image has none of the files whose component is known
win-kernel-008-file = { $name }; { $proof }
win-kernel-008-wanted = the file of its component
win-kernel-008-linked = MFT record { $record }: { $path }
win-kernel-008-other = MFT record { $record }, and another one is { $path }
win-kernel-008-no-component = WinSxS has no such component
win-kernel-008-no-store = there is no WinSxS
win-kernel-009-title = No bypass of PatchGuard or signature checks, and no bootkit
win-kernel-009-fix = Build the image again from an original installation
win-kernel-009-unjudged = { $count ->
    [one] 1 thing that starts before Windows, or that it could read, is not known
   *[other] { $count } things that start before Windows, or that they could read, are not known
 }
win-kernel-009-pass = nothing gets around the kernel's protection, and nothing unknown starts before Windows
win-kernel-009-warn = { $count ->
    [one] 1 program or boot sector that starts before Windows is not known
   *[other] { $count } programs or boot sectors that start before Windows are not known
 }
win-kernel-009-fail = { $count ->
    [one] 1 trace of a bootkit or of a way around the kernel's protection
   *[other] { $count } traces of a bootkit or of ways around the kernel's protection
 }
win-kernel-009-named = { $name }: { $proof }
win-kernel-009-bypass = a program that switches the kernel's protection off
win-kernel-009-signed = signed by Microsoft
win-kernel-009-other-program = replaced by another program of Microsoft
win-kernel-009-renamed = a boot program of Windows under another name
win-kernel-009-other-vendor = a boot program of another vendor
win-kernel-009-replaced = the boot program was replaced
win-kernel-009-extra = a program that Windows does not have
win-kernel-009-efi-wanted = a boot program that Microsoft signed
win-kernel-009-hidden = a program whose name hides what it is
win-kernel-009-pe = a PE image
win-kernel-009-loaded-copy = the boot configuration loads this copy of the kernel
win-kernel-009-copy = a copy of a kernel or loader under another name
win-kernel-009-unsigned-copy = a kernel or loader under another name that Microsoft did not sign
win-kernel-009-certificate = a self-signed certificate in { $store } vouches for code
win-kernel-009-mbr = code of the master boot record
win-kernel-009-partition = code of the active partition
win-kernel-009-code-wanted = none, or that of Windows
win-kernel-009-blank = none
win-kernel-009-unknown = unknown, SHA-256 { $sha256 }
win-kernel-009-misplaced = { $name }, whose parameters have it load the rest of itself from byte { $at } of the disk
win-kernel-009-loads = { $name }, which loads { $file }
win-kernel-009-free = sectors before the first partition
win-kernel-009-free-behind = sectors behind or between partitions
win-kernel-009-zeros = zeros
win-kernel-009-zero-bytes = zeros, { $bytes } bytes
win-kernel-009-free-used = { $count ->
    [one] 1 sector holds something, { $bytes } bytes from byte { $at }
   *[other] { $count } sectors hold something, { $bytes } bytes from byte { $at }
 }
win-kernel-009-fix-efi = Mount the EFI partition (mountvol S: /S) and delete the file: del /f /a "S:{ $path }"
win-kernel-009-fix-mbr = Write the master boot record of Windows: bootsect /nt60 SYS /mbr
win-kernel-009-fix-partition = Write the boot sector of Windows: bootsect /nt60 SYS
win-kernel-009-fix-free = Explain what the sectors outside of partitions hold, or fill them with zeros (a GPT keeps its tables there)
win-kernel-010-title = The event logs name no unverified file and no installed driver
win-kernel-010-fix = Remove the files and drivers that the events name, or explain them on the product page, and make the image again
win-kernel-010-pass = no log names a driver that was installed or refused, or a file that was not verified
win-kernel-010-warn = { $count ->
    [one] 1 event names a driver or a file that needs an explanation
   *[other] { $count } events name drivers or files that need an explanation
 }
win-kernel-010-unknown = { $count ->
    [one] 1 log does not exist or is empty, as after sysprep: what ran before is not known
   *[other] { $count } logs do not exist or are empty, as after sysprep: what ran before is not known
 }
win-kernel-010-fix-unknown = If sysprep cleared the logs, nothing needs to be done; otherwise make the image without clearing them
win-kernel-010-absent = the log does not exist
win-kernel-010-empty = the log is empty
win-kernel-010-event = { $note }: event { $id }, record { $record }, { $time }
win-kernel-010-records = { $count ->
    [one] 1 record from number { $first }
   *[other] { $count } records from number { $first }
 }
win-kernel-010-wanted = no such event
win-kernel-011-title = The kernel belongs to the installed build, and Microsoft supports it
win-kernel-011-fix = Install all updates of Windows, and restore the kernel: sfc /scannow
win-kernel-011-pass = the kernel is of build { $build }, as the registry says
win-kernel-011-warn = the kernel is newer than build { $build }, which the registry names
win-kernel-011-bare = the kernel carries no version, so it can't be compared with build { $build }, which the registry names
win-kernel-011-old = Microsoft no longer supports build { $build }
win-kernel-011-fix-unknown = Restore the kernel (sfc /scanfile={ $windows }\System32\ntoskrnl.exe) and the value CurrentBuild of HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion
win-kernel-011-fail = the kernel is not of build { $build }, which the registry names
win-kernel-011-unknown = the kernel's version is not known
win-kernel-011-no-build = the registry does not name the build
win-kernel-011-no-version = it carries no version
win-kernel-011-none = no version
win-kernel-011-other = of another build
win-kernel-011-newer = newer than the registry says
win-kernel-011-same = of this build
win-kernel-011-no-file = no kernel file that carries the build's number exists
win-kernel-011-unsupported = Microsoft no longer supports this build
win-kernel-011-supported = a supported build
win-kernel-011-fix-unsupported = Make the image with a version of Windows that Microsoft supports; build { $build } gets no more updates
win-kernel-012-title = Kernel files equal those of a reference
win-kernel-012-fix = Restore the files that differ: sfc /scannow
win-kernel-012-pass = every kernel file equals the reference
win-kernel-012-warn = { $count ->
    [one] the reference does not know 1 file
   *[other] the reference does not know { $count } files
 }
win-kernel-012-fail = { $count ->
    [one] 1 file differs from the reference for the same version
   *[other] { $count } files differ from the reference for the same version
 }
win-kernel-012-none = no reference database was given (--baseline)
win-kernel-012-not-hashed = it could not be hashed
win-kernel-012-equal = { $name }: equal to { $origin }
win-kernel-012-different = { $name }: { $origin } has { $sha256 } in this version
win-kernel-012-absent = { $name }: not in the database
win-kernel-012-wanted = equal to the reference
win-kernel-012-fix-absent = Add an image that holds these versions to the database: imgscan baseline add

### Checks: Windows sysprep
win-sysprep-run-time = at { $time } (local time)
win-sysprep-run = sysprep ran { $time }
win-sysprep-run-answered = sysprep ran { $time } with the answer file { $file }
win-sysprep-run-succeeded = { $options }; succeeded
win-sysprep-run-failed = { $options }; did not succeed
win-sysprep-fix-error = Mend the error that the log names ({ $place }), then run sysprep again: C:\Windows\System32\Sysprep\sysprep.exe /generalize /oobe /shutdown
win-sysprep-001-title = The image was generalized by sysprep and not started since
win-sysprep-001-fix = Run C:\Windows\System32\Sysprep\sysprep.exe /generalize /oobe /shutdown in the instance, then make the image without starting it
win-sysprep-001-fix-forbidden = Make the image from an instance in use, on which sysprep was not run
win-sysprep-001-generalized = { $place } says: generalized
win-sysprep-001-complete = { $place } says: set up and in use
win-sysprep-001-wrong = { $place } says: neither generalized nor in use
win-sysprep-001-silent = { $place }
win-sysprep-001-tag = written { $written }
win-sysprep-001-weak = { $name }; scripts set it too, so it proves nothing by itself
win-sysprep-001-no-run = the log holds no run of sysprep
win-sysprep-001-last-error = the last error of that run
win-sysprep-001-no-error = no error
win-sysprep-001-generalized-contradicted = ImageState says generalized, but other places contradict it
win-sysprep-001-complete-contradicted = ImageState says in use, but other places contradict it
win-sysprep-001-setup-contradicts = ImageState says in use, but SYSTEM\Setup says generalized
win-sysprep-001-contradictory = the places that tell the state of the image contradict each other
win-sysprep-001-pass = the image is generalized and was not started since
win-sysprep-001-used-since = its state says that it is generalized, but it was in use after the last run of sysprep in its log
win-sysprep-001-installed-since = Windows was installed after the last run of sysprep in the log
win-sysprep-001-before-run = a moment before that run
win-sysprep-001-written-since = the registry was written long after the last run of sysprep
win-sysprep-001-other-deploy = the program that the setup starts with is not Windows' own: { $why }
win-sysprep-001-restore-deploy = restore windeploy.exe from the installation media: sfc /scanfile=C:\Windows\System32\oobe\windeploy.exe
win-sysprep-001-pass-forbidden = the image was not generalized, as this policy wants it
win-sysprep-001-pass-any = this policy accepts images with and without sysprep
win-sysprep-001-trace-missing = the image is generalized, but the tag file or the log of a successful run is missing
win-sysprep-001-no-trace = only settings that any script can write say that the image is generalized; sysprep left neither tag file nor log
win-sysprep-001-started-since = sysprep ran, but the system was started again since
win-sysprep-001-not-generalized = the image was not generalized by sysprep
win-sysprep-001-unfinished = setup or sysprep did not finish in the image
win-sysprep-001-no-state = the registry holds no ImageState
win-sysprep-001-forbidden = the image is generalized, which this policy forbids
win-sysprep-002-title = Sysprep ran once, in the usual way
win-sysprep-002-fix = Keep the logs of sysprep (C:\Windows\System32\Sysprep\Panther) in the image; where sysprep ran more than once, start from a fresh base image and run it once: C:\Windows\System32\Sysprep\sysprep.exe /generalize /oobe /shutdown
win-sysprep-002-fix-once = Start from a fresh base image and run sysprep once: C:\Windows\System32\Sysprep\sysprep.exe /generalize /oobe /shutdown
win-sysprep-002-fix-answer = Run sysprep with the usual answer file: C:\Windows\System32\Sysprep\sysprep.exe /generalize /oobe /shutdown /unattend:"{ $known }"
win-sysprep-002-base = { $count ->
    [one] 1 run is
   *[other] { $count } runs are
 } older than this installation, from its base image
win-sysprep-002-fail = the last run of sysprep did not succeed
win-sysprep-002-odd = sysprep did not run in the usual way
win-sysprep-002-warn = sysprep ran { $count } times
win-sysprep-002-pass = sysprep ran once, in the usual way
win-sysprep-002-log-gone = sysprep left its tag file, but its log was deleted
win-sysprep-002-no-log = no log says how sysprep ran
win-sysprep-002-not-asked = sysprep did not run, and this policy does not ask for it
win-sysprep-002-option = the last run lacks this option
win-sysprep-002-audit = the last run asked for audit mode
win-sysprep-002-answer-file = sysprep used an unusual answer file
win-sysprep-002-rearm = sysprep did not reset the activation
win-sysprep-002-autostart = an autostart runs sysprep
win-sysprep-003-title = The machine's SID and GUID are its own
win-sysprep-003-fix = Generalize the image, which gives each instance a SID of its own: C:\Windows\System32\Sysprep\sysprep.exe /generalize /oobe /shutdown
win-sysprep-003-sid = the machine's SID
win-sysprep-003-guid = digest of the machine's GUID
win-sysprep-003-own = none of a known base image
win-sysprep-003-state = the state of the image
win-sysprep-003-update-client = the identifier of this machine at an update server was kept
win-sysprep-003-present = there
win-sysprep-003-same-sid = the machine has the SID of its base image
win-sysprep-003-same-guid = the machine has the GUID of its base image
win-sysprep-003-no-sid = the accounts hold no SID of the machine
win-sysprep-003-warn = the next start makes a new SID, but an identifier of this machine was kept
win-sysprep-003-pass = the next start makes a new SID
win-sysprep-003-pass-compared = SID and GUID are those of no known base image
win-sysprep-003-no-list = the policy lists no base images to compare with

### Checks: Windows accounts and access
win-cap-003-title = No tools of other hypervisors
win-cap-003-fix = Uninstall the listed tools (appwiz.cpl) and make the image again
win-cap-003-pass = no tools of other hypervisors are installed
win-cap-003-warn = { $count ->
    [one] 1 driver or tool of another hypervisor is installed
   *[other] { $count } drivers or tools of other hypervisors are installed
 }
win-cap-003-service = a driver or tool of another hypervisor
win-cap-003-idle = a driver or tool of another hypervisor, which does not start by itself
win-cap-003-program = a program of another hypervisor
win-cap-003-fix-service = Uninstall the product that the service belongs to, or remove the service: sc delete "{ $service }"
win-cap-003-fix-program = Uninstall { $name } (appwiz.cpl)
win-start-type = start type of { $service }
win-cap-001-title = Remote desktop works
win-cap-001-fix = Enable remote desktop: reg add "HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server" /v fDenyTSConnections /t REG_DWORD /d 0 /f
win-cap-001-allowed = remote desktop connections are allowed
win-cap-001-allowed-by-policy = a group policy allows remote desktop connections
win-cap-001-refused = remote desktop connections are refused
win-cap-001-refused-by-policy = a group policy refuses remote desktop connections
win-cap-001-refused-by-default = nothing allows remote desktop connections, so they are refused
win-cap-001-port = the remote desktop listens on another port
win-cap-001-no-authentication = network level authentication is off
win-cap-001-kept-out = administrators are kept from the remote desktop
win-cap-001-setting = { $name } keeps everybody out
win-cap-001-ntlm = network level authentication refuses every local account
win-cap-001-tls = what is left of TLS may not be enough for a connection
win-cap-001-session = { $name } ends or locks a session before anybody can work in it
win-cap-001-library = what the service of the remote desktop runs
win-cap-001-signed = a file that Microsoft signed
win-cap-001-profile = { $profile } profile of the firewall: { $what }
win-cap-001-unknown = whether remote desktop works can't be told: { $count ->
    [one] one setting must be looked at by a person
   *[other] { $count } settings must be looked at by a person
}
win-firewall-no-exceptions = every incoming connection is blocked, whatever rules allow
win-firewall-no-names = the firewall may keep Windows from asking for names
win-firewall-no-addresses = the firewall may keep Windows from getting an address
win-firewall-no-time = the firewall may keep Windows from asking for the time
win-firewall-block = a rule blocks the connection, which wins over every rule that allows it
win-firewall-block-some = a rule blocks the connection for some
win-firewall-allow-some = only a rule for some lets the connection in
win-firewall-no-merge = the policy leaves the machine's own rules out, and has none that lets the connection in
win-cap-001-bit-clear = bit { $bit } clear
win-cap-001-bit-set = bit { $bit } set for administrators
win-cap-001-no-right = no right of administrators to log on by remote desktop is recorded
win-cap-001-rule = a rule that lets port { $port } in
win-cap-001-firewall-open = a firewall rule lets the remote desktop in
win-cap-001-firewall-closed = the firewall is on, and no active rule lets the remote desktop in
win-cap-001-pass = remote desktop works
win-cap-001-warn = remote desktop is enabled, but { $count ->
    [one] 1 setting hinders
   *[other] { $count } settings hinder
 } or weakens it
win-cap-001-fail = remote desktop does not work: { $count ->
    [one] 1 setting prevents
   *[other] { $count } settings prevent
 } it
win-cap-001-fix-kept-out = Remove { $sid } from "Deny log on through Remote Desktop Services" (secpol.msc, Local Policies, User Rights Assignment)
win-cap-001-fix-right = Add Administrators to "Allow log on through Remote Desktop Services" (secpol.msc, Local Policies, User Rights Assignment)
win-cap-001-fix-firewall = Let the port in: netsh advfirewall firewall add rule name="Remote Desktop" dir=in action=allow protocol=TCP localport={ $port }
win-account-flags = { $bits } ({ $names })
win-account-disabled = disabled
win-account-locked = locked
win-account-password-optional = password not required
win-account-password-stays = password never expires
win-acct-001-title = The built-in Administrator (RID 500) is enabled
win-acct-001-fix = Enable the account: net user Administrator /active:yes
win-acct-001-no-account = there is no account with RID 500
win-acct-001-absent = the built-in Administrator does not exist
win-acct-001-flags = flags of { $user } (RID 500)
win-acct-001-enabled = neither disabled nor locked
win-acct-001-expires = the account expires
win-acct-001-never = never
win-acct-001-age = the password is over soon after it is set, and who has not changed it then is refused by the remote desktop
win-acct-001-lock = a few wrong passwords lock the Administrator, and whoever knows the address tries them
win-acct-001-length = passwords have to be longer than those that are generated for the customer
win-acct-001-minutes = { $count } minutes
win-acct-001-wrong-ones = { $count ->
    [one] one wrong password
   *[other] { $count } wrong passwords
}
win-acct-001-renamed = the account was renamed
win-acct-001-any = any
win-acct-001-hours = logon is limited to certain hours
win-acct-001-computers = logon is limited to certain computers
win-acct-001-denied = a right keeps { $user } from logging on
win-acct-001-restricted = { $user } is enabled, but logging on is restricted
win-acct-001-doubt = whether { $user } can log on when the image is started can't be told
win-acct-001-fix-hours = Allow all hours: net user "{ $user }" /times:all
win-acct-001-fix-computers = Allow all computers: net user "{ $user }" /workstations:*
win-acct-001-fix-denied = Remove { $sid } from the rights "Deny log on ..." (secpol.msc, Local Policies, User Rights Assignment)
win-acct-001-fail = { $user } is disabled or locked
win-acct-001-expired = { $user } has expired
win-acct-001-warn = { $user } is enabled, but was renamed or will expire
win-acct-001-pass = { $user } is enabled
win-acct-001-fix-absent = Make the image again from the provider's base image; Windows can't restore this account
win-acct-001-fix-enable = Enable the account: net user "{ $user }" /active:yes
win-acct-001-fix-expiry = Remove the expiry: net user "{ $user }" /expires:never
win-acct-001-fix-rename = Give the account its name back: powershell "Rename-LocalUser -Name '{ $user }' -NewName '{ $usual }'" (before Windows 10: lusrmgr.msc)
win-acct-002-title = No account is hidden or stands for another
win-acct-002-fix = Delete the listed accounts: net user NAME /delete
win-acct-002-name-of-nobody = this name leads to no account
win-acct-002-administrator = a further administrator
win-acct-002-remote-user = a user of the remote desktop
win-acct-002-hijacked = who logs on as { $user } becomes another account
win-acct-002-enabled = { $user } is enabled
win-acct-002-left-out = lists of users leave out names that end in $
win-acct-002-no-dollar = a name that does not end in $
win-acct-002-unnamed = no name leads to { $user }, so no list shows it
win-acct-002-name-key = a key under Users\Names
win-acct-002-second-name = another name leads to this account
win-acct-002-unlisted = the logon screen does not show this account
win-acct-002-administers = { $user }, an administrator
win-acct-002-powerful = a member of { $group }, which Windows leaves empty
win-acct-002-everybody = strangers or everybody are in { $group }, which gives more than users have
win-acct-002-group-of-record = the record of { $user } names another group than every user's
win-acct-002-user = an account that no service of the image logs on as
win-acct-002-user-of-service = an account that a service of the image logs on as: whoever set the service up knows its password; deny it the logons at the console, over the network and by remote desktop
win-acct-002-privilege = the privilege { $name }
win-acct-002-remote-right = everybody may log on by remote desktop
win-acct-002-low-rid = { $user } has an identifier of the range of Windows' own accounts
win-acct-002-made-rid = RID 1000 or above
win-acct-002-odd-name = a name with characters that are not seen, or that looks like another account's
win-acct-002-own-name = a name of its own
win-acct-002-unknown = { $count ->
    [one] one account or right must be looked at by a person
   *[other] { $count } accounts or rights must be looked at by a person
}
win-acct-002-fix-user = Delete or disable the account if the product does not need it: net user "{ $user }" /delete
win-acct-002-fix-privilege = Remove { $sid } from the right { $name } (secpol.msc, Local Policies, User Rights Assignment)
win-acct-002-fail = { $count ->
    [one] 1 sign
   *[other] { $count } signs
 } of accounts that are hidden, enabled against the rule, or stand for another
win-acct-002-warn = { $count ->
    [one] 1 entry goes
   *[other] { $count } entries go
 } beyond the usual accounts
win-acct-002-pass = no account is hidden or stands for another
win-acct-002-fix-account = Delete the account: net user "{ $user }" /delete; if Windows refuses, make the image again from the provider's base image
win-acct-002-fix-disable = Disable the account: net user "{ $user }" /active:no
win-acct-002-fix-member = Remove the account from the group if it need not belong there: net localgroup "{ $group }" "{ $user }" /delete
win-acct-002-fix-sid = Remove the account from the group if it need not belong there: powershell "Remove-LocalGroupMember -Group '{ $group }' -Member '{ $sid }'"
win-acct-002-fix-key = Delete the key as SYSTEM: psexec -s reg delete "{ $key }" /f
win-acct-003-title = No password is empty or well known, and nobody is logged on automatically
win-acct-003-fix = Give each enabled account a strong password (net user NAME *) and switch the automatic logon off
win-acct-003-empty = an empty password
win-acct-003-listed = a password of the list
win-acct-003-other = another password
win-acct-003-not-told = can't be told
win-acct-003-password = password of { $user } (RID { $rid }), which is enabled
win-acct-003-wanted = neither empty nor in the policy's list
win-acct-003-may-be-empty = { $user } may have an empty password
win-acct-003-required = password required
win-acct-003-empty-over-network = accounts with an empty password may log on over the network
win-acct-003-clear-text = a password in clear text
win-acct-003-autologon = { $user } is logged on automatically
win-acct-003-off = 0, or not set
win-acct-003-logons-left = automatic logons that are left
win-acct-003-domain = the machine is in a domain, whose administrators rule it
win-acct-003-fix-domain = Take the machine out of the domain: Remove-Computer -WorkgroupName WORKGROUP
win-acct-003-secret = the password of the automatic logon
win-acct-003-encrypted = <masked, { $bytes } bytes encrypted>
win-acct-003-service = the stored password of the account that service { $service } runs as; it must be there
win-acct-003-fail = { $count ->
    [one] 1 password is
   *[other] { $count } passwords are
 } empty, well known or stored in the registry
win-acct-003-warn = { $count ->
    [one] 1 setting weakens
   *[other] { $count } settings weaken
 } the protection by passwords
win-acct-003-unknown = { $count ->
    [one] one way to log on without a password must be looked at by a person
   *[other] { $count } ways to log on without a password must be looked at by a person
}
win-acct-003-pass = no enabled account has an empty or well-known password, and nobody is logged on automatically
win-acct-003-fix-password = Set a strong password: net user "{ $user }" *; or disable the account: net user "{ $user }" /active:no
win-acct-003-fix-required = Make the password mandatory: net user "{ $user }" /passwordreq:yes
win-acct-003-fix-secret = Delete the secret as SYSTEM: psexec -s reg delete "{ $key }" /f
win-acct-004-title = Windows Server 2008: the Administrator's profile holds nothing of the product
win-acct-004-fix = Install the product for all users, and keep its data outside the profile
win-acct-004-version = { $product }, { $edition }, version { $version }
win-acct-004-no-version = the image does not say which version of Windows it holds
win-acct-004-keeps = this version of Windows keeps the profile
win-acct-004-data = instances will not have this
win-acct-004-copied = this answer file copies the profile
win-acct-004-pass = the Administrator's profile holds nothing of the product
win-acct-004-warn = the Administrator's profile holds { $count ->
    [one] 1 object
   *[other] { $count } objects
 } that instances will not have
win-acct-004-warn-copied = the Administrator's profile holds { $count ->
    [one] 1 object
   *[other] { $count } objects
 }; an answer file copies the profile
win-acct-004-fix-move = Move it out of the profile: { $path }

### Checks: Windows network, time and capabilities
win-cap-002-title = Services for making images and shutting down are not disabled
win-cap-002-fix = Restore the start types of the listed services, restart once and shut down cleanly
win-cap-002-service = { $service } is disabled or missing
win-cap-002-pending-files = files wait for a restart to be renamed or deleted
win-cap-002-pending-updates = updates wait for a restart
win-cap-002-hibernated = the system was hibernated, not shut down
win-cap-002-no-memory = no hibernated memory
win-cap-002-pass = the services for making images and shutting down are there
win-cap-002-unknown = whether { $count } things that shutting down and making images need work can't be told
win-cap-002-warn = { $count ->
    [one] 1 thing is
   *[other] { $count } things are
 } unfinished or disabled
win-cap-002-fail = { $count ->
    [one] 1 service
   *[other] { $count } services
 } that starting or making images needs can't start
win-cap-002-late = the start of Windows, a logon or the network needs { $service }, which starts later than it should
win-cap-002-network-filter = the network is not bound without the filter { $service }, which can't be loaded
win-cap-002-fix-network-filter = take the component of { $key } out of the network's settings (netcfg -u), or install it again
win-cap-002-device-off = a device that the cloud gives to the instance is switched off
win-cap-002-packets = an adapter sends packets that are too small for anything to get on
win-cap-002-checked = Windows checks and repairs this volume at its next start, and what it makes of it can't be seen
win-cap-002-fix-checked = Check the volume and shut down in order: chkdsk /f, restart, then shutdown /s /t 0
win-cap-002-fix-absent = Windows lacks the service { $service }; make the image again from a complete installation
win-cap-002-fix-restart = Restart until nothing is pending, then run sysprep and shut down: shutdown /r /t 0
win-cap-002-fix-hibernated = Switch hibernation off and shut down: powercfg /hibernate off, then shutdown /s /t 0
win-net-001-title = Name servers are those of the provider, or come by DHCP
win-net-001-fix = Delete the name servers that are set, so that DHCP gives them: netsh interface ip set dns name="NAME" source=dhcp
win-net-001-expected = an approved name server ({ $approved })
win-net-001-all-adapters = name servers of all adapters
win-net-001-adapter = name servers of adapter { $name } ({ $id })
win-net-001-adapter-gone = name servers of adapter { $id }, which this system no longer has
win-net-001-rule = name servers of a name resolution policy (NRPT)
win-net-001-proxy = a name resolution policy sends names to a proxy
win-net-001-https = names are asked by HTTPS
win-net-001-unknown = { $count ->
    [one] one setting of name resolution must be looked at by a person
   *[other] { $count } settings of name resolution must be looked at by a person
}
win-net-001-no-dhcp = adapter { $name } does not take its address from DHCP
win-agent-arguments = the service { $service } starts the agent with arguments that are not usual
win-agent-beside = beside an agent's program, which may load it: { $why }
win-agent-not-allowed = a policy lists the programs that may start, and { $program } is not seen among them
win-agent-few-rights = the process of the service { $service } gets less rights than it may need: { $name }
win-agent-forbidden = a policy over programs may keep the agent from starting
win-agent-starved = the agent may get less memory or network than it needs: { $name }
win-agent-cut-off = the firewall may keep the agent from reaching anybody
win-agent-ended = a command ends the processes of the service { $service }
win-cbi-001-no-source = Python loads this compiled file without comparing it with a source
win-cbi-001-not-released = a file of cloudbase-init that is none of the released ones
win-def-002-update-server = updates come from a server that is not known
win-def-002-listener = a further listener of the remote desktop is set
win-def-002-anybody = anybody gets rights by which the machine is taken over
win-def-002-unexplained = the firewall lets everybody in to a program that nothing explains: { $why }
win-def-002-host = the firewall lets everybody in to { $program }, which carries out what it is given
win-def-002-every-service = the firewall lets everybody in to every service of Windows
win-def-002-service-library = what the firewall's service { $service } runs
win-def-002-service-gone = Windows has no service { $service }, without which the firewall filters nothing
win-def-002-asks-nobody = programs become administrators without being asked (User Account Control)
win-def-002-desktop-denied = the list of who may log on by the remote desktop leaves out administrators
win-rights-system = others than Windows, services and administrators may change what belongs to Windows
win-rights-hive = others than SYSTEM and administrators may change a hive of the registry
win-rights-hive-read = others than SYSTEM and administrators may read a hive of the registry, with passwords and secrets
win-rights-agent = others than SYSTEM, services and administrators may change an agent, which runs as SYSTEM
win-rights-program = others than SYSTEM, services and administrators may change what runs as SYSTEM
win-rights-handed-down = the folder has taken over what Windows gives every user at the root of the drive: users may change what runs as SYSTEM
win-rights-key = others than SYSTEM, services and administrators may change a key that decides what runs as SYSTEM
win-rights-secret = others than SYSTEM and administrators may read or change a key with passwords and secrets
win-rights-fix-file = take the rights away: icacls "{ $path }" /inheritance:d and icacls "{ $path }" /remove:g *{ $sid }
win-rights-fix-key = take away the rights of { $sid } on the key { $key } (regedit, Permissions)
win-def-002-program = the firewall lets everybody in to a program where none is installed
win-net-001-route = a persistent route leads addresses to a host
win-net-001-gateway = an adapter has a gateway beside what DHCP gives
win-net-001-answers = the answers of DHCP are kept where nobody reads them, or where an administrator sets something
win-net-001-suffixes = suffixes are added to names before they are asked for
win-net-001-wins = a WINS server that is set answers for names
win-net-001-lmhosts = the lmhosts file leads a name to an address
win-net-001-web-proxy = a proxy or a script for proxies is set
win-net-001-hosts = the hosts file leads a name to an address
win-net-001-fail = { $count ->
    [one] the only name server that is set is not approved
   *[other] none of the { $count } name servers that are set is approved
 }
win-net-001-fail-rule = a name resolution policy asks { $count ->
    [one] 1 name server that is
   *[other] { $count } name servers that are
 } not approved
win-net-001-warn-mixed = { $count ->
        [one] 1 of { $total } name servers is not approved
       *[other] { $count } of { $total } name servers are not approved
    }
win-net-001-warn-gone = adapters that are gone still have { $count ->
    [one] 1 name server that is
   *[other] { $count } name servers that are
 } not approved
win-net-001-warn = the name servers are approved or come by DHCP, but { $count ->
    [one] 1 setting
   *[other] { $count } settings
 } of the network should be changed
win-net-001-pass = every name server that is set is approved
win-net-001-pass-dhcp = no name server is set; DHCP gives them
win-net-001-fix-dhcp = Take the address from DHCP: netsh interface ip set address name="{ $name }" source=dhcp
win-net-001-fix-hosts = Delete the line { $place }
win-time-001-title = The clock is kept from an approved time server
win-time-001-fix = Set the provider's time server: w32tm /config /manualpeerlist:ntpupdate.tencentyun.com /syncfromflags:manual /update
win-time-001-start = automatic, or manual with a trigger
win-time-001-client-off = the NTP client is off
win-time-001-kind = how the time service finds its source
win-time-001-servers = time servers
win-time-001-correction = { $name } keeps the clock from being corrected
win-time-001-poll = the time is asked for too seldom
win-time-001-privilege = the service runs without the privilege to set the clock
win-time-001-no-library = the library that asks time servers is not there
win-time-001-never = the clock is never corrected
win-time-001-unknown = whether the clock is kept right can't be told
win-time-001-expected = approved time servers ({ $approved })
win-time-001-fail = the time service is off
win-time-001-warn = the clock is kept from no approved server
win-time-001-pass = the clock is kept from an approved server
win-time-001-fix-server = Set the time server: w32tm /config /manualpeerlist:{ $server } /syncfromflags:manual /update

### Checks: Windows persistence
win-fix-file-delete = Delete the file: del "{ $path }"
win-persist-001-title = What starts by itself is known or signed
win-persist-001-fix = Delete the listed autostarts and streams, or sign the programs and explain them on the product page
win-persist-001-switched-off = { $what }: set, but switched off
win-persist-001-changed = { $what }: not what Windows sets here
win-persist-001-hidden-program = a program or script hidden in a named stream: { $size } bytes
win-persist-001-stream = a named stream that no known program makes: { $size } bytes
win-persist-001-fail = { $count } of { $all } autostarts, named streams and folders of Windows { $count ->
    [one] is
   *[other] are
 } suspect
win-persist-001-unknown = { $count } of { $all } autostarts, named streams and folders of Windows { $count ->
    [one] is
   *[other] are
  } not explained
win-persist-001-warn = { $count } of { $all } autostarts, named streams and folders of Windows { $count ->
    [one] is
   *[other] are
 } neither known nor signed by a trusted maker
win-persist-001-pass = { $all ->
    [one] 1 autostart or named stream, known
   *[other] { $all } autostarts and named streams, all known
 } or signed
win-system-files-pass = { $count ->
    [one] 1 program, library or script
   *[other] { $count } programs, libraries and scripts
  } below { $folder }, whether an entry names them or not: all explained; native images of .NET, which nobody signs, and folders of mere data are not looked at ({ $skipped })
win-system-files-unknown = { $count } of { $all } programs, libraries and scripts below { $folder } { $count ->
    [one] is
   *[other] are
  } explained by nothing, in { $folders ->
    [one] 1 folder
   *[other] { $folders } folders
  }: Windows and its programs may load them without an entry that names them
win-system-files-folder = { $folder }: { $count ->
    [one] 1 file is
   *[other] { $count } files are
  } explained by nothing; the first of them: { $files }
win-system-files-mend = Delete the files that the product does not need; have those signed that it needs, or pin each by its SHA-256 in the declaration of the product; restore those of Windows: sfc /scannow
win-persist-001-fix-stream = Delete the stream: powershell "Remove-Item -LiteralPath '{ $file }' -Stream '{ $stream }'"
win-persist-002-title = No back door by a debugger or a tool of the logon screen
win-persist-002-fix = Delete the listed values and restore the tools: sfc /scannow
win-persist-002-in-place-of = another program runs in place of { $program }
win-persist-002-with = another program runs in place of this one, or with it
win-persist-002-monitor = a monitor runs when the program ends silently
win-persist-002-without-bit = without bit { $bit }
win-persist-002-copy = it is a copy of another program
win-persist-002-other-name = its version resource names another program; { $why }
win-persist-002-no-name = no tool of Windows, for it has no version resource; { $why }
win-persist-002-no-resource = no version resource
win-persist-002-fail = { $count ->
    [one] 1 back door
   *[other] { $count } back doors
 } by a debugger or a replaced tool of the logon screen
win-persist-002-unknown = { $count ->
    [one] one debugger or tool of the logon screen is
   *[other] { $count } debuggers or tools of the logon screen are
  } not explained
win-persist-002-warn = { $count ->
    [one] 1 debugger or tool of the logon screen is not a default of Windows
   *[other] { $count } debuggers or tools of the logon screen are not defaults of Windows
 }
win-persist-002-pass = no debugger is set, and the tools of the logon screen are Windows' own
win-persist-003-title = Services and scheduled tasks are known, and none is hidden
win-persist-003-fix = Delete the listed services and tasks of other makers, or sign their programs and explain them on the product page; restore those of Windows with sfc /scannow
win-persist-003-service = service { $service }
win-persist-003-failure = runs when the service fails
win-persist-003-own-task = a task of Windows: an edition may lack its program
win-persist-003-task = task { $task }
win-persist-003-no-security = task { $task } is hidden: it has no security descriptor, so no tool shows it
win-persist-003-index = task { $task } may be hidden: its index is 0
win-persist-003-file-gone = task { $task } runs, but its file is gone
win-persist-003-fail = { $count ->
    [one] 1 service or scheduled task is
   *[other] { $count } services or scheduled tasks are
 } hidden or suspect
win-persist-003-unknown = { $count ->
    [one] one service or task is
   *[other] { $count } services and tasks are
  } not explained
win-persist-003-warn = { $count ->
    [one] 1 service or scheduled task is
   *[other] { $count } services or scheduled tasks are
 } neither known nor signed by a trusted maker
win-persist-003-pass = { $services ->
    [one] 1 service
   *[other] { $services } services
 } and { $tasks ->
    [one] 1 scheduled task
   *[other] { $tasks } scheduled tasks
 }, none hidden or suspect
win-persist-003-fix-service = Delete the service, or sign its program and explain it on the product page: sc delete "{ $service }"
win-persist-003-fix-task = Delete the task, or sign its program and explain it on the product page: schtasks /delete /tn "{ $task }" /f
win-persist-003-fix-hidden = Delete the task: schtasks /delete /tn "{ $task }" /f; if it is not found, as SYSTEM: psexec -s reg delete "{ $key }" /f
win-persist-003-fix-own-task = If { $task } is a task of Windows, take it from an original installation of this version (there: schtasks /query /tn "{ $task }" /xml > task.xml; here: schtasks /create /tn "{ $task }" /xml task.xml /f); otherwise delete it: schtasks /delete /tn "{ $task }" /f
win-persist-004-title = No implant in WMI, the security authority or the logon
win-persist-004-fix = Delete the listed event consumers, packages and providers
win-persist-004-consumer = an event consumer of Windows
win-persist-004-consumer-script = an event consumer that runs a script
win-persist-004-consumer-command = an event consumer that runs a suspect command
win-persist-004-consumer-foreign = an event consumer that is not of Windows
win-persist-004-by-text = { $what }; found in the text of WMI's repository, which keeps deleted ones too
win-persist-004-fail = { $count ->
    [one] 1 implant
   *[other] { $count } implants
 } in WMI, the security authority or the logon
win-persist-004-unknown = { $count ->
    [one] one library or event consumer is
   *[other] { $count } libraries and event consumers are
  } not explained
win-persist-004-warn = { $count ->
    [one] 1 addition
   *[other] { $count } additions
 } to WMI, the security authority or the logon that Windows does not have
win-persist-004-pass = event consumers, security packages and credential providers are Windows' own
win-persist-004-fix-consumer = Delete the bindings of the consumer, then the consumer: powershell "Get-WmiObject -Namespace root\subscription -Class __FilterToConsumerBinding | Where-Object Consumer -like '*{ $name }*' | Remove-WmiObject", then powershell "Get-WmiObject -Namespace root\subscription -Class '{ $class }' | Where-Object Name -eq '{ $name }' | Remove-WmiObject"

### Checks: Windows defence
win-def-001-title = Defender is on and excludes nothing broad
win-def-001-fix = Switch Defender on and remove the exclusions (Get-MpPreference lists them)
win-def-001-none = Defender is not installed
win-def-001-path = Defender excludes a path
win-def-001-extension = Defender excludes an extension
win-def-001-process = Defender excludes a process
win-def-001-address = Defender excludes an address
win-def-001-broad = { $what }: a broad part of the system
win-def-001-needed = only what the maker of an installed product asks for
win-def-001-fix-needed = Where the maker of no installed product asks for it: { $command }
win-def-001-removed = Defender was set up, but its service { $service } is not there
win-def-001-program = the program of Defender is not there, or another one is in its place
win-def-001-service = Defender's own program, signed by Microsoft
win-def-001-unknown = { $count ->
    [one] one setting of Defender must be looked at by a person: what protects the system in its place can't be told
   *[other] { $count } settings of Defender must be looked at by a person: what protects the system in its place can't be told
}
win-def-001-pass = Defender is on and excludes nothing
win-def-001-warn = { $count ->
    [one] 1 setting or exclusion weakens Defender
   *[other] { $count } settings or exclusions weaken Defender
 }
win-def-001-fail = { $count ->
    [one] 1 setting or exclusion leaves the system without protection by Defender
   *[other] { $count } settings or exclusions leave the system without protection by Defender
 }
win-def-002-title = Firewall, account control, remote management, SMB 1 and hosts are in a safe state
win-def-002-fix = Switch the firewall and account control on, close the listed ports and remove the listed lines of hosts
win-def-002-pass = firewall, account control and name resolution are in a safe state
win-def-002-warn = { $count ->
    [one] 1 setting weakens the system's defence
   *[other] { $count } settings weaken the system's defence
 }
win-def-002-fail = { $count ->
    [one] 1 setting leaves the system open to attack
   *[other] { $count } settings leave the system open to attack
 }
win-def-002-redirected = a name of an update or security service is redirected
win-def-002-by-hand = a name is resolved by hand
win-def-002-off = the firewall is off for the { $profile } profile
win-def-002-share = a folder is shared over the network
win-def-002-share-closed = a folder is shared over the network; the firewall lets nobody reach it
win-def-002-adapter = the firewall of the { $profile } profile leaves an adapter out
win-def-002-lets-in = the { $profile } profile of the firewall lets in whatever no rule blocks
win-def-002-service-off = a service of the firewall is disabled
win-def-002-everything = a rule lets everything in
win-def-002-token-filter = local administrators have all their rights over the network
win-def-002-remote-registry = the registry can be changed over the network
win-def-002-unknown = { $count ->
    [one] one setting must be looked at by a person
   *[other] { $count } settings must be looked at by a person
}
win-def-002-fix-default = Block what no rule allows: netsh advfirewall set allprofiles firewallpolicy blockinbound,allowoutbound
win-def-002-service = the service { $service } starts by itself and opens port { $port }
win-def-002-manual = 3 (manual) or 4 (disabled)
win-def-002-rule = a firewall rule opens port { $port } to everybody
win-def-002-fix-hosts = Remove line { $line } of { $path }: { $content }
win-def-002-fix-service = Disable the service: sc config "{ $service }" start= disabled

### Checks: Windows leaks
win-leak-bytes = { $bytes } bytes
win-leak-001-title = No password or key is left
win-leak-001-fix = Delete the listed files, or the passwords in them
win-leak-001-pass = no password or key is left
win-leak-001-warn = { $count ->
    [one] 1 trace of credentials is left
   *[other] { $count } traces of credentials are left
 }
win-leak-001-unknown = { $count ->
    [one] 1 file that may hold a password or key must be looked at by a person
   *[other] { $count } files that may hold passwords or keys must be looked at by a person
 }
win-leak-001-fail = { $count ->
    [one] 1 password or key is left
   *[other] { $count } passwords or keys are left
 }
win-leak-001-answer = a password in an answer file: { $element }
win-leak-001-no-password = no password
win-leak-001-no-secret = no secret
win-leak-001-fix-answer = Delete the file (del /f /a "{ $path }"), or the password in its element { $element }
win-leak-001-fix-line = Delete line { $line } of { $path }, or the secret in it
win-leak-002-title = Logs, update cache, dumps, hibernation and page files are cleaned
win-leak-002-fix = Clean the listed logs, caches and dumps before making the image
win-leak-002-pass = logs, caches and dumps are small or do not exist
win-leak-002-warn = { $count ->
    [one] 1 log, cache or dump should be cleaned
   *[other] { $count } logs, caches or dumps should be cleaned
 }
win-leak-002-limit = at most { $bytes } bytes
win-leak-002-size = { $count ->
    [one] 1 file, { $bytes } bytes
   *[other] { $count } files, { $bytes } bytes
 }
win-leak-002-fix-clean = Delete the files: del /f /s /q /a "{ $path }"
win-leak-002-fix-logs = Clear the event logs: for /f "delims=" %l in ('wevtutil el') do wevtutil cl "%l"
win-leak-002-fix-paging = Switch the page file off, and restart before the image is made: reg add "HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management" /v PagingFiles /t REG_MULTI_SZ /d "" /f; or have it erased at each shutdown: reg add "HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management" /v ClearPageFileAtShutdown /t REG_DWORD /d 1 /f
win-leak-002-fix-shadows = Delete the shadow copies: vssadmin delete shadows /for={ $drive } /all /quiet
win-cert-001-title = No authority or publisher was added to the trusted certificates
win-cert-001-fix = Remove the listed certificates from their stores (certlm.msc)
win-cert-001-pass = { $count ->
    [one] the only trusted certificate is a known root
   *[other] all { $count } trusted certificates are known roots
 }
win-cert-001-warn = { $count ->
    [one] 1 certificate was added to the trusted stores
   *[other] { $count } certificates were added to the trusted stores
 }
win-cert-001-fail = { $count ->
    [one] 1 certificate is trusted that must not be
   *[other] { $count } certificates are trusted that must not be
 }
win-cert-001-key = the key's name is not the thumbprint of its certificate
win-cert-001-added = { $what } ({ $store }), valid until { $expires }
win-cert-001-bad = a test or interception authority is trusted
win-cert-001-private = a private authority is trusted, and a proxy is set
win-cert-001-authority = an authority was added
win-cert-001-publisher = a publisher was added
win-cert-001-person = a certificate that is trusted without an authority was added
win-cert-001-distrusted = a root that Windows trusts is distrusted: what it vouches for counts as unsigned
win-cert-001-list = a list of trusted certificates was added ({ $store })
win-cert-001-joined = another store is made part of { $store }: what it holds is trusted
win-cert-001-unknown = { $count ->
    [one] one trusted certificate must be looked at by a person
   *[other] { $count } trusted certificates must be looked at by a person
}
win-cert-001-wanted = a root that Windows trusts
win-cert-001-proxy = the proxy
win-desk-001-title = No documents or password files on any desktop
win-desk-001-fix = Move documents and password files off the desktops into one fixed folder, and name it on the product page
win-desk-001-desktop = desktop { $folder }: { $count ->
    [one] 1 object
   *[other] { $count } objects
 }
win-desk-001-file = { $what }; { $size } bytes, created { $created }, modified { $modified }
win-desk-001-shortcut-to-document = a shortcut to a document
win-desk-001-shortcut-named = a shortcut named like a document
win-desk-001-folder-named = a folder named like documents or passwords
win-desk-001-account-named = a name that may hold an account and its password
win-desk-001-space = an icon of the desktop leads to a folder
win-desk-001-sticky = notes that stick to the desktop
win-desk-001-folder = a folder
win-desk-001-document = a document
win-desk-001-named = named like a document or a password file
win-desk-001-speaks = its text mentions accounts or passwords
win-desk-001-other = another object
win-desk-001-stream = a stream, which Explorer does not show
win-desk-001-picture = a picture that the desktop shows; only a person can tell what is written on it
win-desk-001-notice = the text shown before the logon mentions accounts or passwords
win-desk-001-script = a script of the first start may put something on a desktop
win-desk-001-unknown = { $count ->
    [one] one object on or of the desktops must be looked at by a person
   *[other] { $count } objects on or of the desktops must be looked at by a person
}
win-desk-001-encrypted = the file is encrypted (EFS)
win-desk-001-none = the system has no desktop
win-desk-001-fail = { $count ->
    [one] 1 document or password file
   *[other] { $count } documents or password files
 } on desktops
win-desk-001-warn = { $count ->
    [one] 1 other object
   *[other] { $count } other objects
 } on desktops
win-desk-001-pass = only shortcuts and system files on the desktops
win-desk-001-fix-move = Move or delete { $path }; documents belong into one fixed folder that the product page names

### The vendor's declaration
declaration-explains = the declaration of { $product } pins it by its digest
declaration-explains-publisher = signed by { $signer }, whose certificate the declaration of { $product } pins as that of { $publisher }
declaration-differs = the declaration of { $product } pins other bytes at this place: SHA-256 { $expected } expected, { $found } found
declaration-path-only = the declaration of { $product } names its path, but nothing of it explains the file
declaration-script = it stands in { $path }, which the declaration of { $product } pins by its digest
declaration-belongs = the declaration lists { $entry } as part of { $product }
declaration-label = Declaration
declaration-label-explained = Explained by the declaration
declaration-label-differs = Other than declared
declaration-label-publisher = Publisher
declaration-unreadable = the declaration can't be used
declaration-path = `{ $path }` is no path of a file from the root of a drive, as in C:\Program Files\Shop\shop.exe
declaration-entry = exactly one of service, task and run is expected
declaration-task = `{ $task }` is no path of a task, as in \Shop\Nightly
declaration-long = a text is longer than { $most } characters

### What runs by itself: the list
autoruns-entries = Entries
autoruns-count-explained = { $count } explained
autoruns-unexplained = Not explained
autoruns-explained = Explained
autoruns-entry = { $status } { $kind } { $name } ({ $occasion }, { $account })
autoruns-place = Place
autoruns-text = Text
autoruns-part = { $number }. { $role }
autoruns-carried = carried by { $part }
autoruns-signature = Signature
autoruns-nothing = nothing of it is left to explain
autoruns-at-boot = at every start
autoruns-at-first-boot = at the first start
autoruns-at-logon = at a logon
autoruns-by-schedule = by schedule
autoruns-on-demand = on demand
autoruns-dormant = switched off
autoruns-as-system = as the machine
autoruns-as-user = as who logs on
autoruns-as-named = as { $name }
autoruns-role-program = program
autoruns-role-library = library
autoruns-role-script = script
autoruns-role-class = class
autoruns-role-code = code
autoruns-signature-trusted = valid
autoruns-signature-renamed = valid, but of a file of another name
autoruns-signature-unanchored = valid, but no trusted authority vouches for the signer
autoruns-signature-bad = not of this file
autoruns-signature-none = none, and no catalog lists it
autoruns-signature-unproven = can't be verified
autoruns-linux-later = what runs by itself on a Linux system is listed by a later version

### Reports
ui-verdict = Verdict
ui-policy = Policy
ui-image = Image
ui-digest = SHA-256
ui-system = System
ui-unknown-system = no operating system was found
ui-kernel = Kernel
ui-proof = Proof
ui-kernel-package = { $kernel } ({ $package })
ui-kernel-default = { $kernel }, boots by default
ui-volume = Volume
ui-file = File
ui-snapshot = Snapshot
ui-table = Table
ui-mount = { $path } { $what }
ui-mount-empty = nothing ({ $source })
ui-mount-merged = layers ({ $source })
ui-mount-unavailable = { $source }, which was not read
ui-mount-absent = { $source }, which is not in the image
ui-mount-by-type = by the partition's type
ui-mount-by-argument = by an argument of the kernel
ui-mount-by-loader = read by boot loaders
ui-mount-hides = hides { $count ->
    [one] 1 file
   *[other] { $count } files
 }
ui-boot-uefi = Started by UEFI
ui-boot-bios = Started by a BIOS
ui-boot-unknown = Started by firmware that is not known
ui-boot-reads = Reads
ui-boot-starts = Boots
ui-boot-starts-next = Boots next time
ui-boot-starts-later = Boots after that
ui-boot-initrd = Initial file system
ui-boot-line = Command line
ui-boot-root = Root
ui-boot-root-elsewhere = on a disk that is not this image
ui-boot-root-unknown = can't be told
ui-boot-doubt = Doubt
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
ui-interrupted = Interrupted
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
ui-topic-setup = setup
ui-topic-installed = installed
ui-topic-network = network
ui-topic-time = time source
ui-topic-time-policy = time source (by policy)
ui-topic-zone = time zone
ui-topic-desktop = remote desktop
ui-topic-desktop-policy = remote desktop (by policy)
ui-topic-firewall-domain = firewall (domain)
ui-topic-firewall-private = firewall (private)
ui-topic-firewall-public = firewall (public)
ui-table-sectors = { $table } (sectors of { $size } bytes)
ui-services-starts = { $count } ({ $set }: started at boot { $boot }, by the system { $system }, automatically { $automatic }, by hand { $manual }, disabled { $disabled })
ui-field = { $name }: { $value }
ui-heading = { $title } ({ $count })
ui-brackets = { $what } ({ $more })

### Differences
diff-no-system = no system was found in one of the images
diff-not-compared = { $name } was not compared, because the images claim more bytes than are read
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
win-cbi-001-modified = a file of cloudbase-init that was changed after it was signed
win-cbi-001-renamed = a signed file of another name in the folder of cloudbase-init
win-cbi-001-link = a link in the folder of cloudbase-init, which may lead anywhere
win-cbi-001-files = { $count } files: { $why }
win-cbi-001-more-files = { $count } more files of { $packages } packages of cloudbase-init are not explained
win-cbi-001-explained = a file of a release, or one with a valid signature
win-cbi-001-fix-compiled = delete the folders __pycache__ below cloudbase-init; Python makes them again
win-cbi-001-other-disc = a volume of the image that cloudbase-init takes for the disc of its instance
win-cbi-001-fix-other-disc = Remove the volume labelled { $label } from the image
win-cbi-001-no-disc = cloudbase-init may not be able to read the disc of its instance: { $name }
win-cbi-001-no-letters = new volumes get no letters, so that cloudbase-init may not find the disc of its instance
win-cbi-001-offline = disks stay offline that the customer adds
win-cbi-002-first = the first is { $values }
win-agent-compatibility = Windows runs the agent in a mode of compatibility
win-agent-ipsec = a policy over IPsec is in force, which may keep the agent from reaching anybody

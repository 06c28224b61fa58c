//! From a mount that is asked for to what the system sees there.

use std::sync::Arc;

use super::overlay::Overlay;
use super::{Builder, Mounted, Origin, Request, Shows, bears, is_on, source};
use crate::error::{Error, Kind, Layer};
use crate::fs::memory::MemoryFs;
use crate::fs::walk::{Step, Walk};
use crate::fs::{Content, FileKind, OpenVolume, Signature};
use crate::guest::linux::mounts::MADE_AT_BOOT;
use crate::source::Section;
use crate::text::{Text, lossless};
use crate::volume::Volume;

/// File systems in memory.
const MEMORY: &[&str] = &["tmpfs", "ramfs"];
/// Views of the kernel: no file of them is in an image.
const KERNEL: &[&str] = &[
    "proc",
    "sysfs",
    "devpts",
    "devtmpfs",
    "cgroup",
    "cgroup2",
    "debugfs",
    "tracefs",
    "securityfs",
    "configfs",
    "efivarfs",
    "mqueue",
    "hugetlbfs",
    "pstore",
    "bpf",
    "binfmt_misc",
    "selinuxfs",
    "smackfs",
    "usbfs",
    "rpc_pipefs",
    "nfsd",
    "fusectl",
    "functionfs",
];
/// Types that the kernel mounts, for which no distribution has a helper.
const PLAIN: &[&str] = &[
    "ext2", "ext3", "ext4", "xfs", "btrfs", "vfat", "msdos", "iso9660", "udf", "squashfs", "f2fs",
    "jfs", "tmpfs", "ramfs", "overlay", "none", "bind", "auto",
];
/// Programs of file systems that are usual.
const FUSE: &[&str] = &[
    "sshfs",
    "glusterfs",
    "mergerfs",
    "ntfs-3g",
    "ntfs",
    "s3fs",
    "cosfs",
    "ossfs",
    "rclone",
    "lxcfs",
    "ceph",
    "vmhgfs-fuse",
    "portal",
    "gcsfuse",
    "juicefs",
    "bindfs",
    "encfs",
    "gocryptfs",
    "snapfuse",
    "squashfuse",
];
/// Folders from which a running systemd has taken its units and generators.
const UNITS: &[&[u8]] = &[
    b"/etc/systemd",
    b"/usr/local/lib/systemd",
    b"/usr/lib/systemd",
    b"/lib/systemd",
];
/// Names below a mount point that are looked through for hidden files, and below all of them.
const MAX_HIDDEN: usize = 4096;
const MAX_HIDDEN_IN_ALL: usize = 65_536;
/// Mounts of one system, those included that come along with bind mounts.
const MAX_PLACED: usize = 1024;

impl Builder<'_> {
    /// Mounts what `request` asks for, or marks its place as one that can't be read.
    pub(super) fn mount(&mut self, request: &Request) {
        self.mount_once(request);
        self.share(request);
    }

    fn mount_once(&mut self, request: &Request) {
        let hides = self.hidden(&request.at);
        self.hides_units(request, hides);
        let shows = match self.fulfil(request) {
            Ok(shows) => shows,
            Err(e) => {
                let why = say!(
                    error_mount_source,
                    place = request.place.to_string(),
                    spec = lossless(&request.what),
                    why = (*e.detail).clone()
                );
                let error = Error::new(e.layer, e.kind, e.offset, why);
                if request.may_fail() && !bears(&request.at) {
                    self.plan.tolerated.insert(request.at.clone());
                    let at = request.place.clone();
                    self.notice(at, (*error.detail).clone());
                }
                let shows = self.missing(&e);
                self.paths.mark_unavailable(&request.at, error);
                shows
            }
        };
        if hides > 0 && !matches!(shows, Shows::Unavailable | Shows::Absent) {
            let why = say!(error_mount_hides, count = hides, at = lossless(&request.at));
            self.notice(request.place.clone(), why);
        }
        self.plan.mounts.push(Mounted {
            at: lossless(&request.at),
            origin: request.origin,
            place: request.place.clone(),
            what: lossless(&request.what),
            kind: request.kind.clone(),
            options: request.options.clone(),
            shows,
            required: !request.may_fail(),
            hides,
        });
    }

    /// Whether the disk lacks what is to be mounted; where a volume could not be read, it may be
    /// that one.
    fn missing(&self, why: &Error) -> Shows {
        let lacks = ["error-mount-no-volume", "error-mount-other-disk"];
        let unread = |v: &OpenVolume| matches!(v.content, Content::Gap(..));
        if lacks.contains(&&*why.detail.code) && !self.volumes.iter().any(unread) {
            Shows::Absent
        } else {
            Shows::Unavailable
        }
    }

    /// Files and devices at or below `at`, counted up to a bound.
    pub(super) fn hidden(&mut self, at: &[u8]) -> usize {
        let Ok(Some(here)) = self.paths.find(at) else {
            return 0;
        };
        if here.metadata.kind != FileKind::Directory {
            return 1;
        }
        let most = MAX_HIDDEN.min(MAX_HIDDEN_IN_ALL.saturating_sub(self.looked));
        let steps = Walk::new(here.fs, here.id, here.path).take(most);
        let is_file = |step: &Step| match step {
            Step::Entry(entry) => entry
                .metadata
                .as_ref()
                .is_ok_and(|m| !matches!(m.kind, FileKind::Directory | FileKind::Symlink)),
            // It may hide some.
            Step::Damage { .. } => true,
        };
        let mut seen = 0_usize;
        let steps = steps.inspect(|_| seen = seen.saturating_add(1));
        let files = steps.filter(is_file).count();
        self.looked = self.looked.saturating_add(seen);
        // Behind as many folders there may be files.
        files.max(usize::from(seen >= most))
    }

    /// systemd has read its units before it mounts anything else than `/usr`: where a mount hides
    /// them, the files that are seen are not those that it acts by (9.2c).
    pub(super) fn hides_units(&mut self, request: &Request, hides: usize) {
        if !self.systemd || hides == 0 || super::is_early(request) {
            return;
        }
        for folder in UNITS {
            let meets = is_on(folder, &request.at) || is_on(&request.at, folder);
            if meets && self.paths.find(folder).is_ok_and(|at| at.is_some()) {
                let why = say!(
                    error_mount_hides_units,
                    at = lossless(&request.at),
                    folder = lossless(folder)
                );
                self.doubt(request.place.clone(), why);
                return;
            }
        }
    }

    fn fulfil(&mut self, request: &Request) -> Result<Shows, Error> {
        let kind = request.kind.as_str();
        if let Some(option) = unfollowed(request) {
            return Err(doubt(say!(error_mount_option, option = option)));
        }
        if let Some(option) = unusual(request) {
            let why = say!(error_mount_option, option = option);
            self.doubt(request.place.clone(), why);
        }
        self.helper(request);
        if request.is_bind() {
            return self.bind(request);
        }
        if MEMORY.contains(&kind) || KERNEL.contains(&kind) {
            self.empty(request);
            return Ok(Shows::Empty);
        }
        if kind == "overlay" {
            return self.overlay(request);
        }
        if matches!(kind, "aufs" | "unionfs" | "mergerfs") {
            return Err(doubt(say!(error_mount_overlay)));
        }
        let what = lossless(&request.what);
        let is_path =
            what.starts_with('/') && !what.starts_with("/dev/") && !what.starts_with("//");
        if is_path && !request.is_remote() {
            return self.image(request);
        }
        if request.is_remote() || what.starts_with("//") {
            return Err(outside(kind));
        }
        let (volume, near) = source::volume(&what, kind, self.volumes, self.disk.as_deref())?;
        if let Some(near) = near {
            let why = say!(error_mount_case, found = near);
            self.doubt(request.place.clone(), why);
        }
        match &volume.content {
            Content::FileSystem(fs) => {
                fits(kind, fs.info().kind)?;
                self.paths
                    .mount(&request.at, &volume.volume.name, Arc::clone(fs));
            }
            // A file system is made on it first (8.2j).
            Content::Nothing(Signature::Blank) if request.has("x-systemd.makefs") => {
                self.empty(request);
            }
            Content::Nothing(sig) => return Err(doubt(say!(error_mount_holds, what = sig.text()))),
            Content::Gap(_, e) => return Err(e.clone()),
        }
        self.use_volume(volume);
        Ok(Shows::Volume(volume.volume.name.clone()))
    }

    /// mount(8) hands a mount to `/sbin/mount.TYPE` where there is one, and a mount of type `fuse.X`
    /// to the program X (8.2n). What it does instead of the kernel is not followed.
    pub(super) fn helper(&mut self, request: &Request) {
        if let Some(program) = request.kind.strip_prefix("fuse.") {
            if !FUSE.contains(&program) {
                let why = say!(error_mount_helper, program = program);
                self.doubt(request.place.clone(), why);
            }
            return;
        }
        if !PLAIN.contains(&request.kind.as_str()) {
            return;
        }
        for folder in ["/sbin", "/sbin/fs.d", "/sbin/fs"] {
            let path = format!("{folder}/mount.{}", request.kind);
            if !matches!(self.paths.find(path.as_bytes()), Ok(None)) {
                let why = say!(error_mount_helper, program = path);
                self.doubt(request.place.clone(), why);
            }
        }
    }

    fn empty(&mut self, request: &Request) {
        let fs = Arc::new(MemoryFs::default().kind("tmpfs"));
        self.paths.mount(&request.at, "tmpfs", fs);
    }

    /// A directory or file that is seen in a second place (8.2m).
    fn bind(&mut self, request: &Request) -> Result<Shows, Error> {
        made_at_boot(&request.what)?;
        let found = self.paths.find(&request.what)?;
        let Some(from) = found else {
            return Err(doubt(say!(error_mount_missing)));
        };
        let there = self.paths.find(&request.at)?;
        let is_dir = |kind: FileKind| kind == FileKind::Directory;
        if there.is_some_and(|t| is_dir(t.metadata.kind) != is_dir(from.metadata.kind)) {
            return Err(doubt(say!(error_mount_other_kind)));
        }
        let below = self.paths.mounted_below(&from.path);
        let count = self.paths.count().saturating_add(below.len());
        if count > MAX_PLACED {
            let why = say!(error_mount_many, count = count, most = MAX_PLACED);
            return Err(Error::limit(Layer::Guest, None, why));
        }
        self.paths
            .mount_dir(&request.at, &from.volume, Arc::clone(&from.fs), from.id);
        if request.has("rbind") || request.kind == "rbind" {
            for mount in &below {
                let at = [request.at.as_slice(), &mount.rest].concat();
                let fs = Arc::clone(&mount.fs);
                self.paths.mount_dir(&at, &mount.volume, fs, mount.id);
            }
        }
        self.bound(request, &from.path, &below);
        Ok(Shows::Path(from.volume.clone(), from.path_text()))
    }

    /// Directories of the guest laid over each other.
    fn overlay(&mut self, request: &Request) -> Result<Shows, Error> {
        let layers = layers(request).ok_or_else(|| doubt(say!(error_mount_overlay)))?;
        let mut trees = Vec::new();
        for layer in layers {
            made_at_boot(layer.as_bytes())?;
            let Some(dir) = self.paths.find(layer.as_bytes())? else {
                return Err(doubt(say!(error_mount_missing)));
            };
            if dir.metadata.kind != FileKind::Directory {
                return Err(doubt(say!(error_mount_other_kind)));
            }
            trees.push((dir.fs, dir.id));
        }
        let fs = Arc::new(Overlay::new(trees)?);
        self.paths.mount(&request.at, "overlay", fs);
        Ok(Shows::Merged)
    }

    /// A file of the guest that holds a file system.
    fn image(&mut self, request: &Request) -> Result<Shows, Error> {
        made_at_boot(&request.what)?;
        let Some(file) = self.paths.find(&request.what)? else {
            return Err(doubt(say!(error_mount_missing)));
        };
        if file.metadata.kind != FileKind::Regular {
            return Err(doubt(say!(error_mount_other_kind)));
        }
        let data = file.open()?;
        let len = data.len();
        let path = file.path_text();
        let opened = crate::fs::open(&Volume {
            name: path.clone(),
            number: 0,
            offset: 0,
            len,
            kind: String::new(),
            label: None,
            part_uuid: None,
            bootable: false,
            attributes: 0,
            data: Arc::new(Section::new(data, 0, len)),
        });
        match opened.content {
            Content::FileSystem(fs) => {
                fits(&request.kind, fs.info().kind)?;
                let damage = fs.warnings().into_iter().find(|e| e.kind != Kind::Notice);
                if let Some(damage) = damage {
                    return Err(damage);
                }
                let name = format!("{}:{path}", file.volume);
                self.paths.mount(&request.at, &name, fs);
                Ok(Shows::Image(path))
            }
            Content::Nothing(sig) => Err(doubt(say!(error_mount_holds, what = sig.text()))),
            Content::Gap(_, e) => Err(e),
        }
    }

    /// True for a directory that is there and holds nothing but the names in `except`, where
    /// nothing is mounted.
    pub(super) fn is_empty_dir(&self, at: &[u8], except: &[&[u8]]) -> bool {
        let taken = self.paths.unavailable().iter().any(|(p, _)| p == at);
        let mounted = lossless(at);
        !taken
            && !self.paths.mounts().iter().any(|(p, _)| *p == mounted)
            && self.paths.list(at).is_ok_and(|l| {
                l.damage.is_empty()
                    && l.names
                        .iter()
                        .all(|n| n == b"lost+found" || except.contains(&n.as_slice()))
            })
    }
}

/// The directories of an overlay, the uppermost first; `None` where an option changes what they
/// show together in a way that is not followed.
fn layers(request: &Request) -> Option<Vec<String>> {
    let mut upper = Vec::new();
    let mut lower = Vec::new();
    for option in &request.options {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        match name {
            "upperdir" => upper = vec![value.to_owned()],
            // A backslash protects a colon in a name.
            "lowerdir" if value.contains('\\') || value.contains("::") => return None,
            "lowerdir" => lower = value.split(':').map(str::to_owned).collect(),
            "lowerdir+" | "datadir+" => return None,
            _ => {}
        }
    }
    if lower.is_empty() {
        return None;
    }
    upper.extend(lower);
    Some(upper)
}

/// A source that is made at boot: what the image holds there is not what is mounted.
fn made_at_boot(what: &[u8]) -> Result<(), Error> {
    let temporary: [&[u8]; 2] = [b"/tmp", b"/var/tmp"];
    let mut folders = MADE_AT_BOOT.iter().chain(&temporary);
    if folders.any(|folder| is_on(what, folder)) {
        return Err(doubt(say!(error_mount_made)));
    }
    Ok(())
}

/// An option that decides which files are seen and is not followed (8.2m, 8.2n).
pub(super) fn unfollowed(request: &Request) -> Option<&str> {
    let names = [
        "X-mount.subdir",
        "X-mount.idmap",
        "x-mount.subdir",
        "offset",
        "sizelimit",
        "subvol",
        "subvolid",
        "verity.roothash",
        "verity.hashdevice",
        "move",
        "remount",
    ];
    request.options.iter().map(String::as_str).find(|option| {
        let name = option.split_once('=').map_or(*option, |(name, _)| name);
        names.contains(&name)
    })
}

/// An option of a mount that bears on what is judged, which is none of those that change nothing of it.
pub(super) fn unusual(request: &Request) -> Option<&str> {
    let judged = bears(&request.at);
    let mut options = request.options.iter().map(String::as_str);
    options.find(|option| {
        let name = option.split_once('=').map_or(*option, |(name, _)| name);
        judged && !is_usual(name)
    })
}

/// Options that change nothing of which files are seen: mount(8), ext4(5), xfs(5), btrfs(5) and the
/// kernel's own documentation of file systems. `sb=` takes another superblock, `noload` leaves the
/// journal as it is, `nosymfollow` follows no link: these are not among them.
const USUAL: &[&str] = &[
    "auto",
    "noauto",
    "user",
    "nouser",
    "users",
    "owner",
    "group",
    "exec",
    "noexec",
    "suid",
    "nosuid",
    "dev",
    "nodev",
    "sync",
    "async",
    "dirsync",
    "atime",
    "iversion",
    "noiversion",
    "nolazytime",
    "norelatime",
    "nostrictatime",
    "silent",
    "loud",
    "mand",
    "nomand",
    "_netdev",
    "nofail",
    "fail",
    "comment",
    "loop",
    "bind",
    "rbind",
    "shared",
    "private",
    "slave",
    "unbindable",
    "rshared",
    "rprivate",
    "rslave",
    "runbindable",
    "pri",
    "lowerdir",
    "upperdir",
    "workdir",
    "index",
    "xino",
    "nfs_export",
    "volatile",
    "uid",
    "gid",
    "umask",
    "fmask",
    "dmask",
    "mode",
    "size",
    "nr_inodes",
    "nr_blocks",
    "huge",
    "utf8",
    "iocharset",
    "codepage",
    "shortname",
    "tz",
    "time_offset",
    "flush",
    "quiet",
    "showexec",
    "check",
    "allow_utime",
    "rodir",
    "nonumtail",
    "allocsize",
    "logbufs",
    "logbsize",
    "largeio",
    "nolargeio",
    "swalloc",
    "attr2",
    "noattr2",
    "ikeep",
    "noikeep",
    "inode32",
    "sunit",
    "swidth",
    "grpid",
    "nogrpid",
    "bsdgroups",
    "sysvgroups",
    "uqnoenforce",
    "gqnoenforce",
    "pqnoenforce",
    "usrjquota",
    "grpjquota",
    "jqfmt",
    "noquota",
    "delalloc",
    "nodelalloc",
    "stripe",
    "inode_readahead_blks",
    "journal_checksum",
    "nojournal_checksum",
    "journal_async_commit",
    "journal_ioprio",
    "dioread_lock",
    "dioread_nolock",
    "init_itable",
    "noinit_itable",
    "max_batch_time",
    "min_batch_time",
    "minixdf",
    "bsddf",
    "resuid",
    "resgid",
    "nouser_xattr",
    "noacl",
    "bh",
    "nobh",
    "mballoc",
    "nomballoc",
    "auto_da_alloc",
    "noauto_da_alloc",
    "i_version",
    "block_validity",
    "noblock_validity",
    "thread_pool",
    "ssd_spread",
    "noautodefrag",
    "flushoncommit",
    "noflushoncommit",
    "nospace_cache",
    "context",
    "fscontext",
    "defcontext",
    "rootcontext",
    "seclabel",
    "hidepid",
];

fn is_usual(name: &str) -> bool {
    super::arguments::HARMLESS_FLAGS.contains(&name)
        || USUAL.contains(&name)
        || name.starts_with("x-")
        || matches!(
            name,
            "X-mount.mkdir" | "X-mount.mode" | "X-mount.owner" | "X-mount.group"
        )
}

fn fits(kind: &str, read: &str) -> Result<(), Error> {
    if source::fits(kind, read) {
        return Ok(());
    }
    Err(doubt(say!(error_mount_type, kind = kind, found = read)))
}

fn doubt(why: Text) -> Error {
    Error::doubt(Layer::Guest, why)
}

fn outside(kind: &str) -> Error {
    Error::unsupported(Layer::Guest, None, say!(error_mount_outside, kind = kind))
}

impl Request {
    /// A volume that a generator or a loader finds by what it is.
    pub(super) fn of_volume(at: &[u8], origin: Origin, volume: &Volume) -> Self {
        Self {
            at: at.to_vec(),
            origin,
            place: crate::guest::Location {
                volume: Some(volume.name.clone()),
                ..crate::guest::Location::default()
            },
            what: volume.name.clone().into_bytes(),
            kind: String::new(),
            options: Vec::new(),
        }
    }
}

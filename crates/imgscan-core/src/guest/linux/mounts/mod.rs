//! The mount plan: which file systems lie where once the system is up, as fstab, mount units,
//! generators and arguments of the kernel say, in the order and with the precedence that systemd
//! and mount(8) have. [`PathSpace`] becomes its result. What can't be told is a doubt.

mod apply;
mod arguments;
mod auto;
mod fstab;
mod overlay;
mod shared;
mod source;
#[cfg(test)]
mod tests;
mod wanted;

use std::collections::BTreeSet;
use std::rc::Rc;

use super::units::{Units, name};
use crate::error::{Error, Kind, Layer};
use crate::fs::OpenVolume;
use crate::guest::{Found, Gap, Location, PathSpace};
use crate::text::lossless;
use arguments::Effect;
pub(crate) use auto::names_disks;
pub(crate) use source::tag_of;
use wanted::Wanted;

/// The longest fstab that is read, in bytes.
const MAX_FSTAB: u64 = 1024 * 1024;
/// Mounts that one fstab may ask for.
const MAX_MOUNTS: usize = 256;

/// Folders that checks judge: what lies on, above or below them must be certain.
const JUDGED: &[&[u8]] = &[
    b"/etc",
    b"/usr",
    b"/bin",
    b"/sbin",
    b"/lib",
    b"/lib32",
    b"/lib64",
    b"/libx32",
    b"/boot",
    b"/efi",
    b"/root",
    b"/opt",
    b"/var/lib",
    b"/var/spool",
];
/// Folders that the kernel and the first programs fill; no mount of a table hides anything there
/// (8.2c).
const MADE_AT_BOOT: &[&[u8]] = &[b"/proc", b"/sys", b"/dev", b"/run"];
/// Where boot volumes are mounted. Boot loaders don't read fstab.
const BOOT: &[&[u8]] = &[b"/boot", b"/boot/efi", b"/efi"];

/// Where a mount comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Origin {
    /// A line of `/etc/fstab`.
    Fstab,
    /// A mount unit.
    Unit,
    /// systemd-gpt-auto-generator.
    Generator,
    /// An argument of the kernel.
    Argument,
    /// The system does not mount it by itself; boot loaders read it.
    Loader,
}

/// What a mount shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shows {
    /// The file system of a volume.
    Volume(String),
    /// A directory or a file of the guest: its volume and path.
    Path(String, String),
    /// The file system in an image file of the guest.
    Image(String),
    /// Directories of the guest laid over each other.
    Merged,
    /// Nothing: an empty file system in memory, or a view of the kernel.
    Empty,
    /// Something that is not in the image or not read.
    Unavailable,
    /// A device that this disk certainly lacks.
    Absent,
}

/// A mount of the running system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mounted {
    /// Where, links followed.
    pub at: String,
    /// Where it comes from.
    pub origin: Origin,
    /// The line or unit that asks for it.
    pub place: Location,
    /// The source as it is written.
    pub what: String,
    /// The type as it is written; may be empty.
    pub kind: String,
    /// Its options.
    pub options: Vec<String>,
    /// What it shows.
    pub shows: Shows,
    /// The system does not start without it.
    pub required: bool,
    /// Files below the mount point that it hides, counted up to a bound.
    pub hides: usize,
}

/// The mounts of a system, and what of them is not certain.
#[derive(Debug, Clone, Default)]
pub struct MountPlan {
    /// In the order in which they are mounted.
    pub mounts: Vec<Mounted>,
    /// What can't be told of them: gaps like those of the image.
    pub doubts: Vec<Gap>,
    /// What is worth telling, but certain.
    pub notices: Vec<Gap>,
    /// Units that fstab pulls in: those that lines name (`x-systemd.requires=`, 8.2k), and the units
    /// of the mounts themselves, which drop-ins may give others.
    pub pulls: Vec<Found<String>>,
    /// Mount points whose contents may be missing: no check judges them, and the system starts
    /// without.
    tolerated: BTreeSet<Vec<u8>>,
    /// Arguments of the kernel that the plan has taken up.
    taken: Vec<String>,
    /// What the root volume holds.
    root_kind: String,
}

impl MountPlan {
    /// The plan of the system whose root is `root`, with `arguments` of its kernel; `paths` becomes
    /// what the system sees.
    #[must_use]
    pub fn build(
        paths: &mut PathSpace,
        root: &OpenVolume,
        volumes: &[OpenVolume],
        arguments: &[&str],
    ) -> Self {
        let mut builder = Builder {
            plan: Self {
                root_kind: root
                    .file_system()
                    .map(|fs| fs.info().kind.to_owned())
                    .unwrap_or_default(),
                ..Self::default()
            },
            paths,
            root,
            volumes,
            disk: None,
            used: BTreeSet::new(),
            systemd: false,
            binds: Vec::new(),
            looked: 0,
            units: None,
        };
        builder.run(arguments);
        builder.plan
    }

    /// True where it harms no judgement that nothing can be read at the mount point `path`.
    #[must_use]
    pub fn tolerates(&self, path: &[u8]) -> bool {
        self.tolerated.contains(path)
    }

    /// True where no program at or below the absolute path `path` can be started: the mount that it
    /// lies on has the option `noexec` (the last of `exec` and `noexec` counts).
    #[must_use]
    pub fn keeps_from_running(&self, path: &str) -> bool {
        let path = path.as_bytes();
        let on = self.mounts.iter().filter(|m| is_on(path, m.at.as_bytes()));
        let Some(mount) = on.max_by_key(|m| m.at.len()) else {
            return false;
        };
        let last = mount
            .options
            .iter()
            .rfind(|o| matches!(o.as_str(), "exec" | "noexec"));
        last.is_some_and(|o| o == "noexec")
    }

    /// What `argument` of the kernel does to the mounts, where the plan knows it: whether it has taken
    /// it up.
    #[must_use]
    pub fn mounted_by(&self, argument: &str) -> Option<bool> {
        arguments::effect(argument)?;
        Some(self.affects_mounts(argument).is_none())
    }

    /// Why the argument `argument` of the kernel makes the plan uncertain: it changes what is
    /// mounted, and the plan was built without it.
    #[must_use]
    pub fn affects_mounts(&self, argument: &str) -> Option<Error> {
        if self.taken.iter().any(|taken| taken == argument) {
            return None;
        }
        match arguments::effect(argument)? {
            Effect::RootType(kind) if source::fits(&kind, &self.root_kind) => None,
            _ => Some(Error::doubt(
                Layer::Guest,
                say!(error_mount_argument, argument = argument),
            )),
        }
    }
}

/// A mount that is asked for.
#[derive(Debug, Clone)]
struct Request {
    /// Where, links followed.
    at: Vec<u8>,
    origin: Origin,
    place: Location,
    what: Vec<u8>,
    kind: String,
    options: Vec<String>,
}

impl Request {
    fn has(&self, option: &str) -> bool {
        self.options.iter().any(|o| o == option)
    }

    fn value(&self, option: &str) -> Option<&str> {
        let value = |o: &'_ String| o.strip_prefix(option)?.strip_prefix('=').map(str::len);
        let found = self.options.iter().rfind(|o| value(o).is_some())?;
        found.split_once('=').map(|(_, value)| value)
    }

    /// The last of two opposite options counts (8.2e).
    fn last_is(&self, wanted: &str, opposite: &str) -> bool {
        let last = self
            .options
            .iter()
            .rfind(|o| *o == wanted || *o == opposite);
        last.is_some_and(|o| o == wanted)
    }

    fn is_bind(&self) -> bool {
        self.has("bind") || self.has("rbind") || matches!(self.kind.as_str(), "bind" | "rbind")
    }

    /// True for a source on a network (8.2i).
    fn is_remote(&self) -> bool {
        let kinds = [
            "nfs",
            "nfs4",
            "cifs",
            "smb3",
            "smbfs",
            "ceph",
            "glusterfs",
            "lustre",
            "9p",
            "virtiofs",
            "sshfs",
            "fuse.sshfs",
            "davfs",
            "afs",
            "ocfs2",
            "gfs2",
            "ncpfs",
            "fuse.glusterfs",
        ];
        self.has("_netdev") || kinds.contains(&self.kind.as_str())
    }

    /// The paths of the guest that it shows.
    fn sources(&self) -> Vec<&[u8]> {
        let what = Some(self.what.as_slice()).filter(|what| what.starts_with(b"/"));
        let layers = ["lowerdir", "upperdir"].map(|name| self.value(name).unwrap_or_default());
        let layers = layers.into_iter().flat_map(|value| value.split(':'));
        let layers = layers
            .filter(|path| path.starts_with('/'))
            .map(str::as_bytes);
        what.into_iter().chain(layers).collect()
    }

    fn is_automount(&self) -> bool {
        self.has("x-systemd.automount") || self.has("comment=systemd.automount")
    }

    /// The system starts without it.
    fn may_fail(&self) -> bool {
        self.origin == Origin::Loader
            || self.last_is("nofail", "fail")
            || self.is_automount()
            || self.is_remote()
    }
}

struct Builder<'a> {
    paths: &'a mut PathSpace,
    root: &'a OpenVolume,
    volumes: &'a [OpenVolume],
    plan: MountPlan,
    /// The name by which the system calls the disk of the image.
    disk: Option<String>,
    /// Volumes that have a place.
    used: BTreeSet<String>,
    /// systemd mounts; otherwise mount(8) does, line by line.
    systemd: bool,
    binds: Vec<shared::Bind>,
    /// Names that were looked at below mount points.
    looked: usize,
    /// The units as systemd reads them before it mounts anything, once they are needed.
    units: Option<Rc<Units>>,
}

impl Builder<'_> {
    fn doubt(&mut self, at: Location, why: crate::text::Text) {
        let error = Error::doubt(Layer::Guest, why);
        self.plan.doubts.push(Gap::new(at, &error));
    }

    fn notice(&mut self, at: Location, why: crate::text::Text) {
        let error = Error::notice(Layer::Guest, None, why);
        self.plan.notices.push(Gap::new(at, &error));
    }

    fn run(&mut self, words: &[&str]) {
        self.systemd = starts_systemd(self.paths);
        self.use_volume(self.root);
        let line = self.arguments(words);
        let lines = if line.no_fstab {
            Vec::new()
        } else {
            self.fstab()
        };
        let (early, late): (Vec<Request>, Vec<Request>) = lines.into_iter().partition(is_early);
        self.early(line.usr, early);
        if self.systemd {
            self.own_generators();
            self.device_names();
        }
        let mut requests = line.extra;
        requests.extend(late);
        let requests = self.wanted(requests);
        let wanted = requests.iter().filter(|r| r.origin != Origin::Loader);
        let own = wanted.filter_map(|r| {
            Some(Found {
                fact: unit_name(&r.at)?,
                at: r.place.clone(),
            })
        });
        self.plan.pulls.extend(own);
        self.late(requests);
        self.auto();
        if self.systemd {
            self.extensions();
            self.new_partitions();
            self.automounter();
        }
        self.unused();
    }

    /// The units of the system.
    fn units(&mut self) -> Rc<Units> {
        let units = self
            .units
            .take()
            .unwrap_or_else(|| Rc::new(Units::load(self.paths, &mut self.plan.doubts)));
        self.units = Some(Rc::clone(&units));
        units
    }

    /// `volume` has a place now; where it has a second reading, what stands there is a doubt.
    fn use_volume(&mut self, volume: &OpenVolume) {
        let name = &volume.volume.name;
        if let Some(error) = volume.ambivalent() {
            let at = Location {
                volume: Some(name.clone()),
                ..Location::default()
            };
            self.plan.doubts.push(Gap::new(at, &error));
        }
        self.used.insert(name.clone());
    }

    /// What the kernel's arguments ask for.
    fn arguments(&mut self, words: &[&str]) -> Line {
        let mut line = Line::default();
        let mut usr: [Option<&str>; 3] = [None; 3];
        let effects: Vec<(&str, Option<Effect>)> = words
            .iter()
            .map(|word| (*word, arguments::effect(word)))
            .collect();
        for (word, effect) in &effects {
            let Some(effect) = effect else {
                continue;
            };
            match effect {
                Effect::NoFstab => line.no_fstab = true,
                Effect::Usr("", value) => usr[0] = Some(value),
                Effect::Usr("fstype", value) => usr[1] = Some(value),
                Effect::Usr(_, value) => usr[2] = Some(value),
                Effect::Extra(value) => {
                    let extra = self.extra(value);
                    // Those with `rd.` are the initramfs's own, which is not the running system.
                    let host = !word.starts_with("rd.");
                    match extra.filter(|_| host) {
                        Some(request) => line.extra.push(request),
                        None => self.doubt(
                            Location::default(),
                            say!(error_mount_argument, argument = *word),
                        ),
                    }
                }
                Effect::RootType(kind) if source::fits(kind, &self.plan.root_kind) => {}
                Effect::RootType(_) | Effect::Other => self.doubt(
                    Location::default(),
                    say!(error_mount_argument, argument = *word),
                ),
            }
            self.plan.taken.push((*word).to_owned());
        }
        line.usr = usr[0].map(|what| Request {
            at: b"/usr".to_vec(),
            origin: Origin::Argument,
            place: Location::default(),
            what: what.into(),
            kind: usr[1].unwrap_or_default().into(),
            options: fstab::options(usr[2].unwrap_or_default()),
        });
        line
    }

    /// `systemd.mount-extra=WHAT:WHERE[:TYPE[:OPTIONS]]` (10.1e).
    fn extra(&self, value: &str) -> Option<Request> {
        let mut parts = value.splitn(4, ':');
        let (what, at) = (parts.next()?, parts.next()?);
        let (kind, options) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        at.starts_with('/').then(|| Request {
            at: canonical(self.paths, at.as_bytes()),
            origin: Origin::Argument,
            place: Location::default(),
            what: what.into(),
            kind: kind.into(),
            options: fstab::options(options),
        })
    }

    /// The lines of fstab that mount something, each mount point once.
    fn fstab(&mut self) -> Vec<Request> {
        let place = Location::of_path("/etc/fstab");
        let file = match self.paths.read_if_there(b"/etc/fstab", MAX_FSTAB) {
            Ok(Some(file)) => file,
            Ok(None) => {
                // A link to what is made at boot says nothing of what is read then.
                if self.paths.resolve_link(b"/etc/fstab").is_ok() {
                    self.doubt(place, say!(error_mount_made));
                }
                return Vec::new();
            }
            Err(e) => {
                self.plan.doubts.push(Gap::new(place, &e));
                return Vec::new();
            }
        };
        let place = Location::of_file(&file);
        let reader = if self.systemd {
            fstab::Reader::Glibc
        } else {
            fstab::Reader::Libmount
        };
        let table = fstab::read(&file.bytes, reader);
        let count = table.lines.len();
        if count > MAX_MOUNTS {
            let why = say!(error_mount_many, count = count, most = MAX_MOUNTS);
            let why = Error::limit(Layer::Guest, None, why);
            self.plan.doubts.push(Gap::new(place.clone(), &why));
        }
        for number in table.disputed.iter().take(MAX_MOUNTS) {
            self.doubt(place.clone().line(*number), say!(error_mount_readers));
        }
        let lines = table.lines.iter().take(MAX_MOUNTS);
        let whats: Vec<String> = lines.clone().map(|l| lossless(&l.what)).collect();
        let root = lines
            .clone()
            .find(|l| l.at == b"/")
            .map(|l| lossless(&l.what));
        self.disk = source::boot_disk(root.as_deref(), &whats);
        let mut all: Vec<Request> = Vec::new();
        for line in lines {
            if line.kind == "swap" {
                self.pulled_by(line, &place);
            }
            if !line.at.starts_with(b"/")
                || matches!(line.kind.as_str(), "swap" | "autofs" | "ignore")
            {
                continue;
            }
            let request = Request {
                at: canonical(self.paths, &line.at),
                origin: Origin::Fstab,
                place: place.clone().line(line.number),
                what: line.what.clone(),
                kind: line.kind.clone(),
                options: fstab::options(&line.options),
            };
            if is_made_at_boot(&request.at) {
                continue;
            }
            let before = all.iter().find(|r| self.systemd && r.at == request.at);
            if let Some(before) = before {
                let same = before.what == request.what
                    && before.kind == request.kind
                    && before.options == request.options;
                if !same {
                    let why = say!(error_mount_twice, at = lossless(&request.at));
                    self.doubt(request.place, why);
                }
                continue;
            }
            if request.at == b"/usr" && fstab::shell_differs(&file.bytes, line.number) {
                self.doubt(request.place.clone(), say!(error_mount_readers));
            }
            self.pulled_by(line, &place);
            all.push(request);
        }
        if let Some(root) = all.iter().find(|r| r.at == b"/").cloned() {
            self.root_line(&root);
        }
        all.retain(|r| r.at != b"/");
        all
    }

    /// The units that a line of fstab pulls in.
    fn pulled_by(&mut self, line: &fstab::Line, place: &Location) {
        let options = fstab::options(&line.options);
        let last = options
            .iter()
            .rfind(|o| matches!(o.as_str(), "auto" | "noauto"));
        if !self.systemd || last.is_some_and(|o| o == "noauto") {
            return;
        }
        let units = options
            .iter()
            .filter_map(|o| o.strip_prefix("x-systemd.requires="))
            .filter(|unit| !unit.starts_with('/'));
        for unit in units {
            self.plan.pulls.push(Found {
                fact: unit.to_owned(),
                at: place.clone().line(line.number),
            });
        }
    }

    /// The line of the root: its options are applied, its source is not used (10.1i). It must not
    /// name another volume or another file system.
    fn root_line(&mut self, line: &Request) {
        // systemd-remount-fs.service calls mount(8) for it.
        self.helper(line);
        let what = lossless(&line.what);
        if let Ok((volume, _)) =
            source::volume(&what, &line.kind, self.volumes, self.disk.as_deref())
            && volume.volume.name != self.root.volume.name
        {
            let why = say!(
                error_mount_root,
                named = volume.volume.name.as_str(),
                root = self.root.volume.name.as_str()
            );
            self.doubt(line.place.clone(), why);
        }
        // What it was mounted with first came from the kernel's arguments; systemd-remount-fs applies
        // these.
        if let Some(option) = apply::unfollowed(line).or(apply::unusual(line)) {
            let why = say!(error_mount_option, option = option);
            self.doubt(line.place.clone(), why);
        }
        if !source::fits(&line.kind, &self.plan.root_kind) {
            let why = say!(
                error_mount_type,
                kind = line.kind.as_str(),
                found = self.plan.root_kind.as_str()
            );
            self.doubt(line.place.clone(), why);
        }
    }

    /// What the initramfs mounts before the system starts (8.2h, 10.1c): the kernel's arguments
    /// come first, for their unit is written first.
    fn early(&mut self, argument: Option<Request>, lines: Vec<Request>) {
        let mut all: Vec<Request> = argument.into_iter().collect();
        for mut line in lines {
            if all.iter().any(|r| r.at == line.at) {
                let why = say!(error_mount_twice, at = lossless(&line.at));
                self.doubt(line.place, why);
                continue;
            }
            if line.at == b"/usr" {
                // `/usr` loses these (8.2h).
                line.options
                    .retain(|o| !matches!(o.as_str(), "noauto" | "nofail"));
            }
            all.push(line);
        }
        if self.systemd && !all.iter().any(|r| r.at == b"/usr") {
            all.extend(self.usr_unit());
        }
        all.sort_by_key(|r| r.at.iter().filter(|b| **b == b'/').count());
        for request in all {
            self.mount(&request);
        }
    }

    /// A `/usr` that only a unit of `/etc` mounts, where the root has no systemd of its own below
    /// it: whatever starts such a system has mounted it before.
    fn usr_unit(&mut self) -> Option<Request> {
        let own = self.paths.find(b"/usr/lib/systemd/system");
        if !matches!(own, Ok(None)) {
            return None;
        }
        let units = Units::load(self.paths, &mut self.plan.doubts);
        let unit = units.file("usr.mount").filter(|file| !file.masked)?;
        let loaded = units.read_at(self.paths, "usr.mount", &unit.path, &mut self.plan.doubts);
        wanted::of_unit(b"/usr", &loaded)
    }

    /// Mounts the rest: parents before what is below them and sources before what is bound (8.2p);
    /// without systemd line by line.
    fn late(&mut self, mut requests: Vec<Request>) {
        if self.systemd {
            requests.sort_by(|a, b| a.at.cmp(&b.at));
        }
        while !requests.is_empty() {
            let waits = |r: &Request| {
                self.systemd
                    && requests.iter().any(|other| {
                        other.at != r.at
                            && (is_below(&r.at, &other.at)
                                || r.sources().iter().any(|path| is_on(path, &other.at)))
                    })
            };
            let next = requests.iter().position(|r| !waits(r)).unwrap_or(0);
            let request = requests.remove(next);
            self.mount(&request);
        }
    }

    /// A volume that no mount leads to is told; one that is a system's root is a system of its own.
    fn unused(&mut self) {
        for volume in self.volumes {
            let name = &volume.volume.name;
            let is_read = volume.file_system().is_some();
            if !is_read || self.used.contains(name) {
                continue;
            }
            let root = PathSpace::new(volume).and_then(|paths| super::is_root(&paths));
            if root.unwrap_or(false) {
                continue;
            }
            let at = Location {
                volume: Some(name.clone()),
                ..Location::default()
            };
            self.notice(at, say!(error_mount_unused));
        }
    }
}

/// True where the name of an entry of a unit folder bears on mounts of files: a mount or automount
/// unit, or drop-ins of one, but for those below what is made at boot.
fn is_of_mount(entry: &[u8]) -> bool {
    let entry = lossless(entry);
    let unit = entry.strip_suffix(".d").unwrap_or(&entry);
    let is_unit = [".mount", ".automount"]
        .iter()
        .any(|kind| unit.ends_with(kind));
    unit == "mount" || is_unit && name::to_path(unit).is_none_or(|at| !is_made_at_boot(&at))
}

/// What the kernel's arguments ask for.
#[derive(Default)]
struct Line {
    no_fstab: bool,
    usr: Option<Request>,
    extra: Vec<Request>,
}

/// Mounted by the initramfs (8.2h).
fn is_early(request: &Request) -> bool {
    request.at == b"/usr" || request.has("x-initrd.mount")
}

/// True where the kernel starts systemd, and not another init.
fn starts_systemd(paths: &PathSpace) -> bool {
    match paths.find(b"/sbin/init") {
        Ok(Some(init)) => init.path.ends_with(b"/systemd"),
        // What can't be told is read as systemd reads it; the readers' differences are doubts.
        _ => true,
    }
}

/// The mount point with links in it followed as far as they exist (8.2a).
pub(crate) fn canonical(paths: &PathSpace, at: &[u8]) -> Vec<u8> {
    let mut known = at.to_vec();
    let mut rest: Vec<Vec<u8>> = Vec::new();
    loop {
        match paths.resolve(&known) {
            Ok(located) => {
                let mut path = located.path;
                for name in rest.iter().rev() {
                    match name.as_slice() {
                        b"." | b"" => {}
                        b".." => {
                            let parent = path.iter().rposition(|b| *b == b'/').unwrap_or(0);
                            path.truncate(parent);
                        }
                        name => {
                            if path != b"/" {
                                path.push(b'/');
                            }
                            path.extend_from_slice(name);
                        }
                    }
                }
                if path.is_empty() {
                    path.push(b'/');
                }
                return path;
            }
            Err(e) => {
                let cut = known.iter().rposition(|b| *b == b'/');
                let Some(cut) = cut.filter(|_| e.kind == Kind::NotFound) else {
                    return at.to_vec();
                };
                let name = known.split_off(cut).split_off(1);
                rest.push(name);
            }
        }
    }
}

/// True where `path` is `folder` or below it.
fn is_on(path: &[u8], folder: &[u8]) -> bool {
    path == folder || is_below(path, folder)
}

fn is_below(path: &[u8], folder: &[u8]) -> bool {
    if folder == b"/" {
        return path != b"/";
    }
    let rest = path.strip_prefix(folder);
    rest.is_some_and(|rest| rest.first() == Some(&b'/'))
}

fn is_made_at_boot(at: &[u8]) -> bool {
    MADE_AT_BOOT.iter().any(|folder| is_on(at, folder))
}

/// True where what is mounted at the absolute path `at` bears on something that checks judge.
#[must_use]
pub(crate) fn bears_on_judged(at: &str) -> bool {
    bears(at.as_bytes())
}

/// True where what is mounted at `at` bears on something that checks judge.
pub(crate) fn bears(at: &[u8]) -> bool {
    JUDGED
        .iter()
        .any(|folder| is_on(at, folder) || is_on(folder, at))
}

/// The unit of a mount point.
fn unit_name(at: &[u8]) -> Option<String> {
    name::of_path(at, "mount")
}

impl Wanted {
    /// The mounts that it wants, without a reason.
    fn into_requests(self) -> Vec<Request> {
        self.requests
    }
}

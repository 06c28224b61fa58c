//! Facts of a Linux guest. Each collector runs when its facts are first asked for.

mod accounts;
mod boot;
mod kernel;
mod network;
mod packages;
mod reader;
mod services;
mod starts;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod yaml;

use std::sync::OnceLock;

pub use accounts::{
    Account, Accounts, Answer, Database, EmptyHash, Group, Key, KeyKind, Keys, Made, MadeKind,
    NameService, Pam, Password, PowerEvent, PowerRecord, Server, Setting, ShadowEntry, Shells,
    Sshd, Sudo, SudoRule, enters_by_password,
};
pub use boot::{
    BiosBoot, BiosPart, Boot, BootCommand, BootEntry, BootWay, CommandLine, ConfigFile, Firmware,
    GrubModules, Images, KernelContents, KernelImage, Loader, LoaderImage, LoaderKind, MapCheck,
    PackagedFile, Piece, Root, RootOf, SignState, Signature, Use, When, compare_versions, normal,
    settings,
};
pub use kernel::{
    Autoload, Cause, Initramfs, Kernel, KernelFormat, KernelModule, Kernels, Leftover, LoadKind,
    LoadLine, MemberClass, MisplacedModule, ModuleInfo, ModuleSignature, Modules, Program, Residue,
    SysctlSetting,
};
pub use network::{Doubt, NameServer, Resolvers, ServerRole, Source, SourceUse, TimeSync, Times};
pub use packages::{
    Change, Compared, Difference, FileChange, FileDigest, ForeignDatabase, Owner, Package,
    PackageFiles, PackageSystem, Packages, Provenance, Recorded, Seal, Vendor, key_fits,
};
pub(crate) use reader::PATH;
pub use reader::TextFile;
pub use services::{
    Alteration, Alters, Call, CloudFact, CloudInit, CloudUser, Exists, Inactive, MadeAtBoot,
    PlainCommand, Run, RunCommand, ServiceUnit, Start, StartLine, Starter, SysUser, TmpLine, Touch,
    UnitSetting, calls, exec_calls,
};
pub(crate) use services::{is_usual_in_path, is_usual_path};

pub use starts::{Origin, StartFile, StartKind, StartPart, Starts};

use crate::error::Kind;
use crate::evidence::{Collected, Found, Gap, References, Ring0};
use crate::fs::FileKind;
use crate::guest::Guest;
use crate::guest::linux::units::Machine;
use kernel::ring0;
use reader::Reader;

/// The collectors for a Linux guest.
pub struct Linux<'a> {
    guest: &'a Guest,
    references: References<'a>,
    accounts: OnceLock<Accounts>,
    packages: OnceLock<Packages>,
    vendor: OnceLock<Vendor>,
    package_files: OnceLock<PackageFiles>,
    kernels: OnceLock<Kernels>,
    boot: OnceLock<Boot>,
    command_lines: OnceLock<Collected<CommandLine>>,
    start: OnceLock<Start>,
    made: OnceLock<MadeAtBoot>,
    cloud: OnceLock<CloudInit>,
    run: OnceLock<Run>,
    resolvers: OnceLock<Resolvers>,
    times: OnceLock<Times>,
    pam: OnceLock<Pam>,
    name_service: OnceLock<NameService>,
    shells: OnceLock<Shells>,
    empty_hashes: OnceLock<Vec<Found<EmptyHash>>>,
    accounts_made: OnceLock<Vec<Found<Made>>>,
    sudo: OnceLock<Sudo>,
    sshd: OnceLock<Sshd>,
    keys: OnceLock<Keys>,
    images: OnceLock<Images>,
    ring0: OnceLock<ring0::Ring0Evidence>,
    autoload: OnceLock<Autoload>,
    starts: OnceLock<Starts>,
}

impl<'a> Linux<'a> {
    pub(super) fn new(guest: &'a Guest, references: References<'a>) -> Self {
        Self {
            guest,
            references,
            accounts: OnceLock::new(),
            packages: OnceLock::new(),
            vendor: OnceLock::new(),
            package_files: OnceLock::new(),
            kernels: OnceLock::new(),
            boot: OnceLock::new(),
            command_lines: OnceLock::new(),
            start: OnceLock::new(),
            made: OnceLock::new(),
            cloud: OnceLock::new(),
            run: OnceLock::new(),
            resolvers: OnceLock::new(),
            times: OnceLock::new(),
            pam: OnceLock::new(),
            name_service: OnceLock::new(),
            shells: OnceLock::new(),
            empty_hashes: OnceLock::new(),
            accounts_made: OnceLock::new(),
            sudo: OnceLock::new(),
            sshd: OnceLock::new(),
            keys: OnceLock::new(),
            images: OnceLock::new(),
            ring0: OnceLock::new(),
            autoload: OnceLock::new(),
            starts: OnceLock::new(),
        }
    }

    /// The guest that the facts are of.
    #[must_use]
    pub fn guest(&self) -> &'a Guest {
        self.guest
    }

    /// Users, groups and the class of each password.
    pub fn accounts(&self) -> &Accounts {
        self.accounts
            .get_or_init(|| accounts::users::collect(&self.reader()))
    }

    /// Installed packages.
    pub fn packages(&self) -> &Packages {
        self.packages
            .get_or_init(|| packages::collect(&self.reader()))
    }

    /// The files that packages brought.
    fn vendor(&self) -> &Vendor {
        self.vendor
            .get_or_init(|| packages::vendor(&self.reader(), self.packages()))
    }

    /// What of the packages' records could not be read.
    pub fn vendor_gaps(&self) -> &[Gap] {
        &self.vendor().gaps
    }

    /// How the files of all packages stand against their records. Reads them all.
    pub fn package_files(&self) -> &PackageFiles {
        self.package_files
            .get_or_init(|| packages::package_files(&self.reader(), self.packages(), self.vendor()))
    }

    /// How the file at `path` (links followed) stands towards the packages.
    pub fn provenance(&self, path: &str) -> Provenance {
        self.vendor().of(&self.reader(), path)
    }

    /// How the files of `package` stand against its own record (rpm only). Reads them all.
    #[must_use]
    pub fn compare(&self, package: &Package) -> Compared {
        packages::compare(&self.reader(), package)
    }

    /// Kernels that could be booted, with the packages that own them.
    pub fn kernels(&self) -> &Kernels {
        self.kernels.get_or_init(|| {
            kernel::bootable::collect(&self.reader(), self.packages(), &self.boot().kernels())
        })
    }

    /// The boot menu and its default.
    pub fn boot(&self) -> &Boot {
        self.boot
            .get_or_init(|| boot::menu::collect(&self.reader(), self.guest.disk.as_deref()))
    }

    /// The volumes that the entries name as their root.
    #[must_use]
    pub fn roots(&self) -> Vec<Found<RootOf>> {
        boot::root::collect(self.boot(), self.guest.paths.volumes())
    }

    /// The volume that `entry` names as its root.
    #[must_use]
    pub fn root_of(&self, entry: &BootEntry) -> RootOf {
        boot::root::of(&entry.bytes, self.guest.paths.volumes())
    }

    /// The kernel's command lines: of every entry, and of menus to come.
    pub fn command_lines(&self) -> &Collected<CommandLine> {
        self.command_lines
            .get_or_init(|| boot::cmdline::collect(&self.reader(), self.boot(), self.kernels()))
    }

    /// What starts by itself.
    pub fn start(&self) -> &Start {
        self.start.get_or_init(|| {
            let packages = self.packages();
            // Where no database can be read, the system's own files tell whose it is.
            let reader = self.reader();
            let there = |path: &str| services::exists(&reader, path) == Some(true);
            let debian = packages.has_dpkg
                || !packages.has_rpm
                    && !packages.has_apk
                    && (there("/usr/bin/dpkg") || there("/etc/debian_version"));
            let system = services::System {
                debian,
                rpm: !debian
                    && (packages.has_rpm
                        || packages
                            .foreign
                            .iter()
                            .any(|f| f.fact == ForeignDatabase::Rpm)),
            };
            let machine = Machine {
                command_lines: &self.default_arguments(),
                architecture: self.guest.os.architecture.as_deref(),
                in_cloud: true,
            };
            let mut pulls = self.guest.mounts.pulls.clone();
            pulls.extend(self.consoles());
            // What a package's rule starts belongs to its device.
            let wanted = kernel::autoload::wanted(&reader, &mut Vec::new());
            pulls.extend(wanted.into_iter().filter(|unit| {
                let path = unit.at.path.as_deref().unwrap_or_default();
                self.provenance(path) != Provenance::Unchanged
            }));
            services::collect(&self.reader(), self.accounts(), system, &pulls, machine)
        })
    }

    /// The units that systemd-getty-generator(8) has for the consoles of the kernel's arguments.
    fn consoles(&self) -> Vec<Found<String>> {
        let mut all = Vec::new();
        for line in &self.command_lines().items {
            for word in line.fact.of_systemd() {
                let device = word
                    .strip_prefix("console=")
                    .and_then(|v| v.split(',').next());
                // Virtual consoles are wanted by getty.target.
                let Some(device) = device.filter(|d| !d.is_empty()) else {
                    continue;
                };
                let virtual_one = device
                    .strip_prefix("tty")
                    .is_some_and(|n| n.chars().all(|c| c.is_ascii_digit()));
                if line.fact.use_ == Use::Default && !virtual_one {
                    all.push(Found {
                        fact: format!("serial-getty@{device}.service"),
                        at: line.at.clone(),
                    });
                }
            }
        }
        all
    }

    /// Commands that give a terminal to whoever sits at it.
    #[must_use]
    pub fn open_consoles(&self) -> Vec<Found<String>> {
        accounts::consoles::collect(self.run(), self.start())
    }

    /// Every command line that the kernel may start with by itself, cut into words as systemd does.
    fn default_arguments(&self) -> Vec<Vec<String>> {
        let lines = self.command_lines().items.iter().map(|line| &line.fact);
        let default = lines.filter(|line| line.use_ == Use::Default);
        default.map(CommandLine::of_systemd).collect()
    }

    /// Settings of the unit `name` that no package brought and that are not understood, and its
    /// conditions that depend on the running machine.
    #[must_use]
    pub fn unit_doubts(&self, name: &str) -> Vec<Found<UnitSetting>> {
        let others = services::Others {
            start: self.start(),
            own: &|path| self.provenance(path) == Provenance::Unchanged,
        };
        let unit = others.start.units.get(name);
        unit.map_or_else(Vec::new, |unit| unit.not_understood(&others))
    }

    /// Settings of other units that no package brought, by which these stop the unit `name` or let it
    /// wait.
    #[must_use]
    pub fn doubts_beside(&self, name: &str) -> Vec<Found<UnitSetting>> {
        let others = services::Others {
            start: self.start(),
            own: &|path| self.provenance(path) == Provenance::Unchanged,
        };
        match others.start.units.contains_key(name) {
            true => others.against(name),
            false => Vec::new(),
        }
    }

    /// Settings and variables that hold for all that starts, that no package brought and that are not
    /// understood.
    #[must_use]
    pub fn doubts_of_all(&self) -> Vec<&Found<UnitSetting>> {
        let mut all: Vec<_> = self.start().of_all.iter().collect();
        all.retain(|s| {
            let path = s.at.path.as_deref().unwrap_or_default();
            self.provenance(path) != Provenance::Unchanged
        });
        all
    }

    /// What runs when the system starts, command by command, scripts followed.
    pub fn run(&self) -> &Run {
        self.run.get_or_init(|| {
            services::follow::collect(&self.reader(), self.start(), self.cloud_init())
        })
    }

    /// What cloud-init does because the image says so.
    pub fn cloud_init(&self) -> &CloudInit {
        self.cloud.get_or_init(|| {
            services::cloud_init::collect(&self.reader(), &self.default_arguments())
        })
    }

    /// What systemd makes at each boot: temporary files, system accounts, credentials.
    pub fn made_at_boot(&self) -> &MadeAtBoot {
        self.made
            .get_or_init(|| services::tmpfiles::collect(&self.reader()))
    }

    /// The files from which programs start, and what those of them hold for which no package vouches.
    pub fn starts(&self) -> &Starts {
        self.starts.get_or_init(|| {
            starts::collect(&starts::Facts {
                reader: self.reader(),
                vendor: self.vendor(),
                accounts: self.accounts(),
                made: self.made_at_boot(),
                run: self.run(),
            })
        })
    }

    /// The files called `name` in the folders of libraries that packages fill, links followed.
    pub fn libraries_named(&self, name: &str) -> Vec<String> {
        let (reader, mut gaps) = (self.reader(), Vec::new());
        let mut all = Vec::new();
        for folder in starts::places::LIBRARIES {
            let pattern = format!("{folder}/{name}");
            let found = reader.glob(pattern.as_bytes(), &mut gaps);
            for path in found.unwrap_or_default() {
                all.extend(reader.find(&path, &mut gaps).map(|at| at.path_text()));
            }
        }
        all
    }

    /// True where `path` leads to itself: neither it nor a folder on the way is a link, but those that all systems have
    /// (`/var/run`, `/var/lock`).
    #[must_use]
    pub fn is_own_place(&self, path: &str) -> bool {
        let paths = self.reader().paths();
        let of_system = [("/var/run/", "/run/"), ("/var/lock/", "/run/lock/")];
        let moved = of_system
            .iter()
            .find_map(|(from, to)| Some(format!("{to}{}", path.strip_prefix(from)?)));
        let path = moved.unwrap_or_else(|| path.to_owned());
        let mut rest = path.trim_end_matches('/');
        while !rest.is_empty() {
            match paths.resolve_link(rest.as_bytes()) {
                Ok(at) => return at.metadata.kind != FileKind::Symlink && at.path_text() == rest,
                Err(e) if e.kind == Kind::NotFound => {
                    rest = rest.rsplit_once('/').map_or("", |(folder, _)| folder);
                }
                Err(_) => return false,
            }
        }
        true
    }

    /// The file that the command `name` starts, links followed: a path, or a name that is looked for where the system
    /// looks. `None` where there is certainly none.
    ///
    /// # Errors
    /// A gap where that can't be told.
    pub fn program(&self, name: &str) -> Result<Option<String>, Gap> {
        let mut gaps = Vec::new();
        let found = match name.starts_with('/') {
            true => self.reader().find(name.as_bytes(), &mut gaps),
            false => self.reader().program(name, &mut gaps),
        };
        match gaps.into_iter().next() {
            Some(gap) if found.is_none() => Err(gap),
            _ => Ok(found.map(|at| at.path_text())),
        }
    }

    /// What changes the boot or the mounts once the system runs.
    #[must_use]
    pub fn alterations(&self) -> Vec<Found<Alteration>> {
        services::alters::collect(
            &self.reader(),
            self.vendor(),
            self.run(),
            self.cloud_init(),
            self.made_at_boot(),
        )
    }

    /// Name servers and what sets them.
    pub fn resolvers(&self) -> &Resolvers {
        self.resolvers.get_or_init(|| {
            network::resolvers::collect(&network::resolvers::Facts {
                reader: self.reader(),
                start: self.start(),
                packages: self.packages(),
                vendor: self.vendor(),
                run: self.run(),
                cloud: self.cloud_init(),
                made: self.made_at_boot(),
                names: self.name_service(),
            })
        })
    }

    /// What keeps the time.
    pub fn times(&self) -> &Times {
        self.times.get_or_init(|| {
            network::time::collect(&network::time::Facts {
                reader: self.reader(),
                start: self.start(),
                vendor: self.vendor(),
                run: self.run(),
                cloud: self.cloud_init(),
            })
        })
    }

    /// PAM: whom it lets in, and what it asks.
    pub fn pam(&self) -> &Pam {
        self.pam
            .get_or_init(|| accounts::pam::collect(&self.reader(), self.accounts(), self.vendor()))
    }

    /// Where accounts are looked for besides the files that are read.
    pub fn name_service(&self) -> &NameService {
        self.name_service
            .get_or_init(|| accounts::nss::collect(&self.reader(), self.vendor()))
    }

    /// Login shells that are closed by name only.
    pub fn shells(&self) -> &Shells {
        self.shells.get_or_init(|| {
            accounts::shells::collect(&self.reader(), self.accounts(), self.vendor())
        })
    }

    /// Password hashes of the empty password.
    pub fn empty_hashes(&self) -> &[Found<EmptyHash>] {
        self.empty_hashes
            .get_or_init(|| accounts::users::empty_hashes(&self.reader()))
    }

    /// Accounts, passwords, keys and rights that the image makes when it boots.
    pub fn accounts_made(&self) -> &[Found<Made>] {
        self.accounts_made.get_or_init(|| {
            accounts::made::collect(
                &self.reader(),
                self.vendor(),
                self.run(),
                self.cloud_init(),
                self.made_at_boot(),
            )
        })
    }

    /// Who may become root, and who without being asked.
    pub fn sudo(&self) -> &Sudo {
        self.sudo
            .get_or_init(|| accounts::sudo::collect(&self.reader(), self.vendor()))
    }

    /// Settings of the SSH server.
    pub fn sshd(&self) -> &Sshd {
        self.sshd
            .get_or_init(|| accounts::ssh::sshd(&self.reader(), self.run(), self.vendor()))
    }

    /// SSH keys in the image.
    pub fn keys(&self) -> &Keys {
        self.keys
            .get_or_init(|| accounts::ssh::keys(&self.reader(), self.accounts(), self.sshd()))
    }

    /// The last start or stop of the system in `/var/log/wtmp`; `None` where it tells of none.
    ///
    /// # Errors
    /// A gap where it can't be read.
    pub fn last_power_event(&self) -> Result<Option<Found<PowerRecord>>, Gap> {
        accounts::wtmp::last(&self.guest.paths)
    }

    /// What runs in ring 0 at the next boot, and how far it is proven.
    pub fn ring0(&self) -> &Ring0 {
        &self.ring0_evidence().ring0
    }

    /// The modules of the kernels that may boot, and modules in other places.
    pub fn modules(&self) -> &Modules {
        &self.ring0_evidence().modules
    }

    /// What loads kernel modules, or runs in their place, by itself.
    pub fn autoload(&self) -> &Autoload {
        self.autoload.get_or_init(|| {
            kernel::autoload::collect(
                &self.reader(),
                self.packages(),
                self.start(),
                self.made_at_boot(),
                self.run(),
            )
        })
    }

    /// The initial file systems of what may boot.
    pub fn initramfs(&self) -> &[Found<Initramfs>] {
        &self.ring0_evidence().initramfs
    }

    fn ring0_evidence(&self) -> &ring0::Ring0Evidence {
        self.ring0.get_or_init(|| {
            let (reader, boot) = (self.reader(), self.boot());
            std::thread::scope(|scope| {
                let archives = ring0::Archives::begin(scope, reader, boot);
                ring0::collect(&ring0::Facts {
                    reader,
                    packages: self.packages(),
                    kernels: self.kernels(),
                    boot,
                    os: self.guest.os.id.as_deref(),
                    references: self.references,
                    command_lines: self.command_lines(),
                    images: self.images(),
                    archives: &archives,
                })
            })
        })
    }

    /// The boot loaders and kernels taken apart: signatures, banners, built-in keys.
    pub fn images(&self) -> &Images {
        self.images.get_or_init(|| {
            boot::images::collect(&boot::images::Facts {
                reader: self.reader(),
                packages: self.packages(),
                kernels: self.kernels(),
                boot: self.boot(),
                bundle: self.references.bundle(),
                os: self.guest.os.id.as_deref(),
                disk: self.guest.disk.as_deref(),
            })
        })
    }

    /// True where a program for the ELF machine `machine` runs on this guest.
    #[must_use]
    pub fn runs(&self, machine: u16) -> bool {
        match self.guest.os.architecture.as_deref() {
            // x86-64 runs programs for x86 as well.
            Some("x86_64") => matches!(machine, 62 | 3),
            Some("x86") => machine == 3,
            Some("aarch64") => machine == 183,
            _ => true,
        }
    }

    fn reader(&self) -> Reader<'a> {
        Reader::new(&self.guest.paths)
    }
}

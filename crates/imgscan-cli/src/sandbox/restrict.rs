//! What a process gives up for good: files of the host by Landlock, calls of the kernel by seccomp.
//!
//! Both hold for the calling thread and those that it starts.

use std::collections::BTreeMap;
use std::path::Path;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, PathBeneath,
    PathFd, Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope,
};
use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch,
};

/// What is kept besides the open descriptors.
#[derive(Debug, Clone, Default)]
pub(crate) struct Access<'a> {
    /// Folders of which everything below may be read.
    pub(crate) read: Vec<&'a Path>,
    /// The folder below which files, folders and links may be made.
    pub(crate) write: Option<&'a Path>,
}

/// What this kernel lacks.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Missing {
    Landlock,
    /// And why.
    Seccomp(String),
}

/// Gives up everything but `access`, as far as the kernel knows how to; returns what it does not.
pub(super) fn restrict(access: &Access<'_>) -> Vec<Missing> {
    let mut missing = Vec::new();
    // Where this fails, so does the filter.
    let _ = rustix::thread::set_no_new_privs(true);
    match landlock(access) {
        Ok(RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced) => {}
        Ok(RulesetStatus::NotEnforced) | Err(_) => missing.push(Missing::Landlock),
    }
    if let Err(why) = seccomp(access) {
        missing.push(Missing::Seccomp(why.to_string()));
    }
    missing
}

/// The newest rules that are asked for; an older kernel enforces what it knows of them.
const RULES: ABI = ABI::V6;

fn landlock(access: &Access<'_>) -> Result<RulesetStatus, RulesetError> {
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let write: BitFlags<AccessFs> = AccessFs::ReadDir
        | AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::MakeReg
        | AccessFs::MakeDir
        | AccessFs::MakeSym
        | AccessFs::RemoveFile
        | AccessFs::Refer;
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(RULES))?
        .handle_access(AccessNet::from_all(RULES))?
        .scope(Scope::from_all(RULES))?
        .create()?;
    let folders = access.read.iter().map(|folder| (*folder, read));
    for (folder, allowed) in folders.chain(access.write.map(|folder| (folder, write))) {
        // One that is not there needs no rule: whoever wants it will say that it is missing.
        if let Ok(handle) = PathFd::new(folder) {
            rules = rules.add_rule(PathBeneath::new(handle, allowed))?;
        }
    }
    Ok(rules.restrict_self()?.ruleset)
}

fn seccomp(access: &Access<'_>) -> Result<(), seccompiler::Error> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    // The C library tries this call first for a thread and takes only this answer for "use the
    // older one", whose flags can be told.
    let newer: BpfProgram = SeccompFilter::new(
        [(libc::SYS_clone3, Vec::new())].into(),
        SeccompAction::Allow,
        SeccompAction::Errno(libc::ENOSYS.unsigned_abs()),
        arch,
    )?
    .try_into()?;
    let calls: BpfProgram = SeccompFilter::new(
        calls(access)?,
        SeccompAction::Errno(libc::EPERM.unsigned_abs()),
        SeccompAction::Allow,
        arch,
    )?
    .try_into()?;
    seccompiler::apply_filter(&newer)?;
    seccompiler::apply_filter(&calls)
}

/// Calls that are allowed whatever their arguments are.
const PLAIN: &[c_long] = &[
    // Bytes of open descriptors.
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_ppoll,
    // The socket to the parent.
    libc::SYS_sendmsg,
    libc::SYS_recvmsg,
    // Memory.
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    // Threads and their signals.
    libc::SYS_clone3,
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
    // Time and chance.
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_getrandom,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_poll,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_time,
];
/// Where folders of the host may be read.
const READING: &[c_long] = &[
    libc::SYS_openat,
    libc::SYS_getdents64,
    libc::SYS_statx,
    libc::SYS_newfstatat,
];
/// Where files may be made.
const WRITING: &[c_long] = &[
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_mkdirat,
    libc::SYS_symlinkat,
    libc::SYS_linkat,
    libc::SYS_unlinkat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_fchmod,
    libc::SYS_utimensat,
    libc::SYS_getdents64,
    libc::SYS_pwrite64,
    libc::SYS_ftruncate,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
];

type Calls = BTreeMap<i64, Vec<SeccompRule>>;

fn calls(access: &Access<'_>) -> Result<Calls, seccompiler::Error> {
    let mut calls = Calls::new();
    let mut only = |call: c_long, conditions: &[(u8, Len, Op, u64)]| {
        let conditions = conditions.iter().map(|(argument, len, op, value)| {
            SeccompCondition::new(*argument, len.clone(), op.clone(), *value)
        });
        let rule = SeccompRule::new(conditions.collect::<Result<_, _>>()?)?;
        calls.entry(call).or_default().push(rule);
        Ok::<(), seccompiler::Error>(())
    };
    let bits = |bits: libc::c_int| u64::from(bits.unsigned_abs());
    // No further code: memory is never executable.
    let code = bits(libc::PROT_EXEC);
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        only(call, &[(2, Len::Qword, Op::MaskedEq(code), 0)])?;
    }
    // Threads, no processes.
    let thread = bits(libc::CLONE_THREAD | libc::CLONE_VM);
    only(
        libc::SYS_clone,
        &[(0, Len::Qword, Op::MaskedEq(thread), thread)],
    )?;
    only(
        libc::SYS_prctl,
        &[(0, Len::Dword, Op::Eq, bits(libc::PR_SET_NAME))],
    )?;
    // What is open, not what has a path.
    let open = bits(libc::AT_EMPTY_PATH);
    only(
        libc::SYS_statx,
        &[(2, Len::Dword, Op::MaskedEq(open), open)],
    )?;
    only(
        libc::SYS_newfstatat,
        &[(3, Len::Dword, Op::MaskedEq(open), open)],
    )?;
    for command in [
        libc::F_GETFD,
        libc::F_SETFD,
        libc::F_GETFL,
        libc::F_DUPFD_CLOEXEC,
    ] {
        only(libc::SYS_fcntl, &[(1, Len::Dword, Op::Eq, bits(command))])?;
    }
    // To look at limits of its own.
    only(
        libc::SYS_prlimit64,
        &[(0, Len::Dword, Op::Eq, 0), (2, Len::Qword, Op::Eq, 0)],
    )?;
    // To abort.
    let own = u64::from(std::process::id());
    only(libc::SYS_tgkill, &[(0, Len::Dword, Op::Eq, own)])?;
    // The socket to the parent has no addresses.
    only(libc::SYS_sendto, &[(4, Len::Qword, Op::Eq, 0)])?;
    only(libc::SYS_recvfrom, &[(4, Len::Qword, Op::Eq, 0)])?;
    let mut whole: Vec<c_long> = PLAIN.to_vec();
    if !access.read.is_empty() {
        whole.extend(READING);
    }
    if access.write.is_some() {
        whole.extend(WRITING);
    }
    for call in whole {
        calls.insert(call, Vec::new());
    }
    Ok(calls)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
    use std::net::{TcpListener, UdpSocket};
    use std::os::unix::net::UnixStream;
    use std::process::Command;
    use std::thread;

    use super::*;

    /// What `work` gives on a thread that gave up everything but `access`.
    fn inside<T: Send>(access: &Access<'_>, work: impl FnOnce() -> T + Send) -> T {
        thread::scope(|scope| {
            let thread = scope.spawn(|| {
                let missing = restrict(access);
                (missing, work())
            });
            let (missing, out) = thread.join().unwrap();
            let filters = missing.iter().any(|m| matches!(m, Missing::Seccomp(_)));
            assert!(!filters, "{missing:?}");
            out
        })
    }

    fn denied<T>(result: std::io::Result<T>) -> bool {
        result.is_err_and(|e| e.kind() == ErrorKind::PermissionDenied)
    }

    #[test]
    fn nothing_is_opened_started_or_connected_and_what_is_open_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, "bytes").unwrap();
        let mut open = File::open(&path).unwrap();
        let new = dir.path().join("new");
        let (path, new) = (&path, &new);
        let out = inside(&Access::default(), move || {
            let mut text = String::new();
            open.read_to_string(&mut text).unwrap();
            open.seek(SeekFrom::Start(0)).unwrap();
            let length = open.metadata().unwrap().len();
            let second = open.try_clone().is_ok();
            let thread = thread::spawn(|| vec![1_u8; 1 << 20].len()).join().unwrap();
            let pid = rustix::process::getpid();
            let refused = [
                ("open", denied(File::open(path))),
                ("create", denied(File::create(new))),
                ("passwd", denied(File::open("/etc/passwd"))),
                ("folder", denied(fs::read_dir("/"))),
                ("status", denied(fs::metadata(path))),
                ("remove", denied(fs::remove_file(path))),
                ("rename", denied(fs::rename(path, new))),
                (
                    "chmod",
                    denied(rustix::fs::chmod(path, 0o777.into()).map_err(Into::into)),
                ),
                (
                    "fchmod",
                    denied(rustix::fs::fchmod(&open, 0o777.into()).map_err(Into::into)),
                ),
                ("link", denied(fs::hard_link(path, new))),
                ("symlink", denied(std::os::unix::fs::symlink(path, new))),
                ("tcp", denied(TcpListener::bind("127.0.0.1:0"))),
                ("udp", denied(UdpSocket::bind("127.0.0.1:0"))),
                ("unix", denied(UnixStream::pair())),
                ("exec", Command::new("/bin/true").status().is_err()),
                (
                    "kill",
                    rustix::process::kill_process(pid, rustix::process::Signal::WINCH).is_err(),
                ),
                ("pipe", rustix::pipe::pipe().is_err()),
                ("chdir", rustix::process::chdir("/").is_err()),
            ];
            (text, length, second, thread, refused)
        });
        assert_eq!(
            (out.0.as_str(), out.1, out.2, out.3),
            ("bytes", 5, true, 1 << 20)
        );
        let passed: Vec<_> = out.4.iter().filter(|(_, refused)| !refused).collect();
        assert!(passed.is_empty(), "{passed:?}");
        assert_eq!(fs::read(path).unwrap(), b"bytes");
        assert!(!new.exists());
    }

    #[test]
    fn a_thread_of_it_has_no_more() {
        let refused = inside(&Access::default(), || {
            let thread = thread::spawn(|| denied(File::open("/etc/passwd")));
            thread.join().unwrap()
        });
        assert!(refused);
    }

    /// By Landlock, which this kernel may lack: then the second half has nothing to prove.
    #[test]
    fn folders_are_read_and_written_as_allowed_and_no_others() {
        let dir = tempfile::tempdir().unwrap();
        let names = ["read", "write", "other"].map(|name| dir.path().join(name));
        for folder in &names {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("file"), "bytes").unwrap();
        }
        let [read, write, other] = &names;
        let access = Access {
            read: vec![read],
            write: Some(write),
        };
        let (allowed, refused) = inside(&access, || {
            let allowed = [
                fs::read(read.join("file")).is_ok(),
                fs::read_dir(read).is_ok(),
                fs::write(write.join("new"), "new").is_ok(),
                rustix::fs::mkdirat(rustix::fs::CWD, write.join("folder"), 0o700.into()).is_ok(),
                rustix::fs::linkat(
                    rustix::fs::CWD,
                    write.join("new"),
                    rustix::fs::CWD,
                    write.join("folder/linked"),
                    rustix::fs::AtFlags::empty(),
                )
                .is_ok(),
            ];
            let refused = [
                denied(fs::write(read.join("new"), "new")),
                denied(fs::read(write.join("file"))),
                denied(fs::read(other.join("file"))),
                denied(fs::write(other.join("new"), "new")),
                denied(fs::read_dir(other)),
                denied(File::open("/etc/passwd")),
                denied(fs::remove_file(other.join("file"))),
                denied(fs::hard_link(write.join("new"), other.join("linked"))),
            ];
            (allowed, refused)
        });
        assert_eq!(allowed, [true; 5]);
        if landlock_is_there() {
            assert_eq!(refused, [true; 8]);
        }
    }

    /// As the kernel's own list says; where that can't be read, it is expected.
    fn landlock_is_there() -> bool {
        fs::read_to_string("/sys/kernel/security/lsm").map_or(true, |all| all.contains("landlock"))
    }
}

//! LNX-ACCT-004.

use crate::evidence::linux::testing::Build;
use crate::policy::Status;
use crate::policy::checks::linux::testing::{check, status};

const PUB: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFryLQ6BeGC0VnvSgCvpUA16++kooJ5PtYPlgXtIbOXl left over\n";

fn keys(build: Build) -> Status {
    status("LNX-ACCT-004", build)
}

#[test]
fn an_authorized_key_is_found_with_line_fingerprint_and_comment() {
    assert_eq!(keys(Build::bare()), Status::Pass);
    let result = check(
        "LNX-ACCT-004",
        Build::bare().file(
            "/root/.ssh/authorized_keys",
            0o600,
            format!("# note\n{PUB}"),
        ),
    );
    assert_eq!(result.status, Status::Fail);
    let item = &result.evidence[0];
    assert_eq!(
        (item.at.path.as_deref(), item.at.line),
        (Some("/root/.ssh/authorized_keys"), Some(2))
    );
    let found = item.found.as_ref().map(|t| t.en.as_str()).unwrap();
    assert!(
        found.contains("SHA256:KWVBTugj3F4dACPKLwnheUrICcs6VS4xhXAl0hncFTA")
            && found.contains("left over")
    );
}

/// Each answer is what `sshd -T` of OpenSSH 9.2 says with these files.
#[test]
fn include_lines_find_the_files_that_sshd_reads() {
    let with = |pattern: &str, name: &str| {
        let build = Build::bare()
            .file(
                "/etc/ssh/sshd_config",
                0o644,
                format!("Include {pattern}\n"),
            )
            .file(
                &format!("/etc/ssh/{name}"),
                0o644,
                "AuthorizedKeysFile /srv/k\n",
            )
            .file("/srv/k", 0o644, PUB);
        keys(build)
    };
    for (pattern, name) in [
        ("/etc/ssh/x[[:digit:]].conf", "x1.conf"),
        (r"\x1.conf", "x1.conf"),
        ("x[^z].conf", "x^.conf"),
        ("x[!a1^[].conf", "xb.conf"),
        ("x[.conf", "x[.conf"),
        ("\"/etc/ssh/x y.conf\"", "x y.conf"),
        ("x1.conf # comment", "x1.conf"),
        (r"\.h.conf", ".h.conf"),
    ] {
        assert_eq!(with(pattern, name), Status::Fail, "{pattern}");
    }
    for (pattern, name) in [
        ("x[^z].conf", "x1.conf"),
        ("*h.conf", ".h.conf"),
        ("[.]h.conf", ".h.conf"),
    ] {
        assert_eq!(with(pattern, name), Status::Pass, "{pattern}");
    }
    // No pattern, or one whose meaning is not certain.
    for pattern in [
        "x1.conf\\",
        "x[[:foo:]].conf",
        "x[[.1.]].conf",
        "/etc/ssh[/]x1.conf",
        "\"x1.conf x2",
    ] {
        assert_eq!(with(pattern, "y.conf"), Status::Unknown, "{pattern}");
    }
    // Earlier releases took these as they stand.
    for pattern in ["'/etc/ssh/x y.conf'", r"x\ y.conf", r"\\x1.conf"] {
        assert_ne!(with(pattern, "y.conf"), Status::Pass, "{pattern}");
    }
}

#[test]
fn keys_are_found_wherever_sshd_would_look() {
    let config = |text: &str, path: &str| {
        keys(
            Build::bare()
                .file("/etc/ssh/sshd_config", 0o644, text)
                .file(path, 0o600, PUB),
        )
    };
    assert_eq!(
        config("AuthorizedKeysFile /etc/keys/%u\n", "/etc/keys/root"),
        Status::Fail
    );
    assert_eq!(
        config(
            "Match User root\n  AuthorizedKeysFile .keys\n",
            "/root/.keys"
        ),
        Status::Fail
    );
    assert_eq!(
        config("TrustedUserCAKeys /etc/ca.pub\n", "/etc/ca.pub"),
        Status::Fail
    );
    assert_eq!(config("", "/home/gone/.ssh/authorized_keys2"), Status::Fail);
    let include = Build::bare()
        .file(
            "/etc/ssh/sshd_config",
            0o644,
            "Include /etc/ssh/sshd_config.d/*.conf\n",
        )
        .file(
            "/etc/ssh/sshd_config.d/x.conf",
            0o644,
            "authorizedkeysfile=/srv/k\n",
        )
        .file("/srv/k", 0o644, PUB);
    assert_eq!(keys(include), Status::Fail);
    let deep = Build::bare()
        .file(
            "/etc/ssh/sshd_config",
            0o644,
            "Include /etc/ssh/*.d/a*b*.conf\n",
        )
        .file(
            "/etc/ssh/x.d/a1b2.conf",
            0o644,
            "AuthorizedKeysFile /srv/k\n",
        )
        .file("/srv/k", 0o644, PUB);
    assert_eq!(keys(deep), Status::Fail);
    let options = Build::bare()
        .file(
            "/etc/default/ssh",
            0o644,
            "SSHD_OPTS='-o AuthorizedKeysFile=/srv/k'\n",
        )
        .file("/srv/k", 0o644, PUB);
    assert_eq!(keys(options), Status::Fail);
    let other = Build::bare()
        .file(
            "/etc/rc.local",
            0o755,
            "#!/bin/sh\n/usr/sbin/sshd -f /srv/conf\n",
        )
        .file("/srv/conf", 0o644, "AuthorizedKeysFile /srv/k\n")
        .file("/srv/k", 0o644, PUB);
    assert_eq!(keys(other), Status::Fail);
}

#[test]
fn private_keys_fail_whatever_their_name() {
    let pem = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n";
    assert_eq!(
        keys(Build::bare().file("/root/.ssh/deploy", 0o600, pem)),
        Status::Fail
    );
    assert_eq!(
        keys(Build::bare().file(
            "/root/keys/x.ppk",
            0o600,
            "PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\n"
        )),
        Status::Fail
    );
    assert_eq!(
        keys(Build::bare().file("/root/.ssh/id_rsa.pub", 0o600, PUB)),
        Status::Pass
    );
}

#[test]
fn traces_warn_and_what_is_hidden_is_unknown() {
    assert_eq!(
        keys(Build::bare().file("/root/.ssh/known_hosts", 0o600, PUB)),
        Status::Warn
    );
    assert_eq!(
        keys(Build::bare().file("/root/.ssh/authorized_keys", 0o600, "")),
        Status::Warn
    );
    // Whoever kept the key can stand in for each machine, unless cloud-init makes new ones.
    let host = || {
        Build::bare().file(
            "/etc/ssh/ssh_host_rsa_key",
            0o600,
            "-----BEGIN OPENSSH PRIVATE KEY-----\n",
        )
    };
    let cloud = |build: Build| build.file("/usr/bin/cloud-init", 0o755, "#!/usr/bin/python3\n");
    assert_eq!(keys(host()), Status::Unknown);
    assert_eq!(keys(cloud(host())), Status::Warn);
    let kept = cloud(host()).file("/etc/cloud/cloud.cfg", 0o644, "ssh_deletekeys: false\n");
    assert_eq!(keys(kept), Status::Unknown);
    // A line that is no key to us may be one to a newer server.
    let line = "new-kind-of-key AAAA\n";
    assert_eq!(
        keys(Build::bare().file("/root/.ssh/authorized_keys", 0o600, line)),
        Status::Unknown
    );
    assert_eq!(
        keys(Build::bare().file("/etc/ssh/sshd_config", 0o600, "AuthorizedKeysCommand /x\n")),
        Status::Unknown
    );
    assert_eq!(keys(Build::bare().missing("/home")), Status::Unknown);
}

/// A unit that runs `command` at boot.
fn unit(command: &str) -> Build {
    Build::bare()
        .file("/usr/lib/systemd/systemd", 0o755, "x")
        .file(
            "/etc/systemd/system/n.service",
            0o644,
            format!("[Service]\nEnvironmentFile=-/etc/default/n\nExecStart={command}\n"),
        )
        .link(
            "/etc/systemd/system/default.target.wants/n.service",
            "../n.service",
        )
        .file("/etc/default/n", 0o644, "OPTS=\"-f /srv/conf\"\n")
        .file("/srv/conf", 0o644, "AuthorizedKeysFile /srv/k\n")
        .file("/srv/k", 0o644, PUB)
        .file(
            "/usr/lib/n/run",
            0o755,
            "#!/bin/sh\nexec /usr/sbin/sshd -D -f /srv/conf\n",
        )
}

#[test]
fn whatever_starts_the_server_its_keys_are_found() {
    assert_eq!(keys(unit("/bin/true")), Status::Pass);
    for command in [
        "/usr/sbin/sshd -D -f /srv/conf",
        "/usr/sbin/sshd -Df/srv/conf",
        "/usr/sbin/sshd -D $OPTS",
        "/usr/sbin/sshd -o 'AuthorizedKeysFile=/srv/k'",
        "/bin/sh -c 'exec /usr/sbin/sshd -f /srv/conf'",
        "/usr/bin/env A=1 /usr/sbin/sshd -f /srv/conf",
        "/usr/lib/n/run",
    ] {
        let result = check("LNX-ACCT-004", unit(command));
        assert_eq!(result.status, Status::Fail, "{command}");
        assert_eq!(
            result.evidence[0].at.path.as_deref(),
            Some("/srv/k"),
            "{command}"
        );
    }
    let socket = Build::bare()
        .file("/usr/lib/systemd/systemd", 0o755, "x")
        .file(
            "/etc/systemd/system/n.socket",
            0o644,
            "[Socket]\nListenStream=2222\nAccept=yes\n",
        )
        .file(
            "/etc/systemd/system/n@.service",
            0o644,
            "[Service]\nExecStart=-/usr/sbin/sshd -i -f /srv/conf\n",
        )
        .link(
            "/etc/systemd/system/default.target.wants/n.socket",
            "../n.socket",
        )
        .file("/srv/conf", 0o644, "AuthorizedKeysFile /srv/k\n")
        .file("/srv/k", 0o644, PUB);
    assert_eq!(keys(socket), Status::Fail);
    let server = {
        let mut elf = crate::evidence::linux::testing::elf(64 * 1024);
        elf.extend(b"authorizedkeysfile\0trustedusercakeys\0");
        elf
    };
    let named = unit("/usr/local/sbin/netd -D").file("/usr/local/sbin/netd", 0o755, server);
    let result = check("LNX-ACCT-004", named);
    assert_eq!(result.status, Status::Unknown);
    assert!(format!("{:?}", result.evidence).contains("netd"));
}

/// `AuthorizedKeysFile` and `Include` of sshd_config(5), OpenSSH 9.2.
#[test]
fn values_are_split_as_the_server_splits_them() {
    for (line, file) in [
        ("AuthorizedKeysFile \"/srv/a b\"", "/srv/a b"),
        ("AuthorizedKeysFile /srv/x \"/srv/a b\"", "/srv/a b"),
        ("AuthorizedKeysFile=/srv/%u", "/srv/root"),
        ("AuthorizedKeysFile %h/k", "/root/k"),
        ("Match User root\nAuthorizedKeysFile /srv/m", "/srv/m"),
    ] {
        let build = Build::bare()
            .file("/etc/ssh/sshd_config", 0o644, format!("{line}\n"))
            .file(file, 0o644, PUB);
        assert_eq!(keys(build), Status::Fail, "{line}");
    }
    let hosts = Build::bare().file(
        "/etc/ssh/sshd_config",
        0o644,
        "HostbasedAuthentication yes\n",
    );
    assert_eq!(keys(hosts), Status::Unknown);
    let first = "HostbasedAuthentication no\nHostbasedAuthentication yes\n";
    assert_eq!(
        keys(Build::bare().file("/etc/ssh/sshd_config", 0o644, first)),
        Status::Pass
    );
}

/// sshd_config(5) of OpenSSH 9.2.
#[test]
fn settings_that_let_in_or_run_something_are_told() {
    let with = |text: &str| {
        let text = format!("{text}\n");
        let server: &[u8] = b"sftp";
        let build = Build::debian()
            .owned("sftp", &[("/usr/lib/openssh/sftp-server", 0o755, server)])
            .file("/srv/own", 0o755, "#!/bin/sh\n")
            .file("/etc/ssh/sshd_config", 0o644, text);
        keys(build)
    };
    for usual in [
        "Subsystem\tsftp\t/usr/lib/openssh/sftp-server",
        "Subsystem sftp /usr/lib/openssh/sftp-server -f AUTHPRIV -l INFO",
        "Subsystem sftp internal-sftp",
        "Match Group sftp\nForceCommand internal-sftp -d /x",
        "ForceCommand none",
        "GSSAPIAuthentication yes",
        "KerberosAuthentication no",
        "AcceptEnv LANG LC_*",
        "PermitUserEnvironment no",
        "SetEnv LANG=C",
        "HostbasedAuthentication no # yes",
    ] {
        assert_eq!(with(usual), Status::Pass, "{usual}");
    }
    for odd in [
        "Subsystem sftp /srv/own",
        "Subsystem sftp /usr/lib/openssh/sftp-server; /srv/own",
        "\"Subsystem\" sftp /usr/lib/openssh/sftp-server -f \"|/srv/own\"",
        "ForceCommand /srv/own",
        "Match all\nForceCommand=/srv/own",
        "KerberosAuthentication yes",
        "HostbasedAuthentication \"yes\" # comment",
        "HostbasedAuthentication no\nMatch all\nHostbasedAuthentication yes",
        "XAuthLocation /srv/own",
        "SecurityKeyProvider /srv/own",
        "SetEnv LANG=C LD_PRELOAD=/srv/own",
        "PAMServiceName own",
    ] {
        assert_eq!(with(odd), Status::Unknown, "{odd}");
    }
    for open in [
        "AcceptEnv LANG LD_*",
        "AcceptEnv *",
        "PermitUserEnvironment yes",
    ] {
        assert_eq!(with(open), Status::Warn, "{open}");
    }
    let keytab = Build::bare().file("/etc/krb5.keytab", 0o600, "k").file(
        "/etc/ssh/sshd_config",
        0o644,
        "GSSAPIAuthentication yes\n",
    );
    assert_eq!(keys(keytab), Status::Unknown);
}

//! SSH keys that an image must not carry.

use crate::error::Result;
use crate::evidence::Found;
use crate::evidence::linux::{Key, KeyKind};
use crate::policy::checks::findings::tidy;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::terminal;

/// LNX-ACCT-004.
pub(in crate::policy::checks) fn keys(context: &Context<'_>) -> Result<Outcome> {
    let linux = &context.evidence.linux;
    let (keys, sshd) = (linux.keys(), linux.sshd());
    let (mut fails, mut warns) = (Vec::new(), Vec::new());
    for key in &keys.items {
        let (fatal, item) = described(key);
        if fatal {
            fails.push(item);
        } else {
            warns.push(item);
        }
    }
    for (keyword, en, zh) in [
        (
            "authorizedkeyscommand",
            "a program gives sshd further keys",
            "sshd 通过外部程序获取额外的公钥",
        ),
        (
            "authorizedprincipalsfile",
            "a file gives sshd names that certificates may use",
            "sshd 使用文件指定证书可用的身份",
        ),
    ] {
        let set = sshd
            .settings
            .iter()
            .filter(|s| s.fact.is(keyword) && !s.fact.value.eq_ignore_ascii_case("none"));
        warns.extend(
            set.map(|s| {
                Item::new(s.at.clone(), en, zh).compare("not set", terminal(&s.fact.value))
            }),
        );
    }
    // What a program answers is not in the image, so nobody can tell whom it lets in.
    let asks = sshd
        .settings
        .iter()
        .any(|s| s.fact.is("authorizedkeyscommand") && !s.fact.value.eq_ignore_ascii_case("none"));
    let mut gaps = keys.gaps.clone();
    gaps.extend(sshd.gaps.iter().cloned());
    gaps.extend(linux.accounts().gaps.iter().cloned());
    let outcome = if !fails.is_empty() {
        Outcome::new(
            Status::Fail,
            format!("{} keys are left in the image", fails.len()),
            format!("镜像中遗留了 {} 个密钥", fails.len()),
        )
    } else if asks {
        Outcome::new(
            Status::Unknown,
            "no key is left in the image, but a program tells sshd further keys",
            "镜像中没有遗留密钥，但 sshd 通过外部程序获取公钥，无法判断",
        )
    } else if !warns.is_empty() {
        Outcome::new(
            Status::Warn,
            "no key lets anyone in, but traces of keys are left",
            "没有可用于登录的遗留密钥，但存在相关痕迹",
        )
    } else {
        Outcome::new(
            Status::Pass,
            "no SSH key is left in the image",
            "镜像中没有遗留的 SSH 密钥",
        )
    };
    Ok(outcome.evidence(fails).evidence(warns).gaps(tidy(gaps)))
}

/// Whether the key makes the image fail, and the key as evidence.
fn described(key: &Found<Key>) -> (bool, Item) {
    let fact = &key.fact;
    let (fatal, en, zh) = match fact.kind {
        KeyKind::Authorized if fact.forced_command => (
            true,
            "an authorized key (one forced command only)",
            "已授权的公钥（仅限强制命令）",
        ),
        KeyKind::Authorized => (
            true,
            "an authorized key lets its holder in",
            "已授权的公钥，其持有者可登录",
        ),
        KeyKind::Authority => (
            true,
            "a certificate authority lets in whomever it certifies",
            "受信任的证书颁发机构，其签发的证书均可登录",
        ),
        KeyKind::Private => (true, "a private key", "私钥"),
        KeyKind::Unreadable => (
            false,
            "a line in a file of authorized keys that is no key",
            "公钥授权文件中有无法识别的行",
        ),
        KeyKind::EmptyFile => (
            false,
            "a file for authorized keys, without a key",
            "公钥授权文件，其中没有密钥",
        ),
        KeyKind::HostPrivate => (
            false,
            "a host key, which every machine made of the image would share",
            "主机私钥，由该镜像创建的所有主机将共用它",
        ),
        KeyKind::KnownHosts => (
            false,
            "names of hosts that were visited",
            "曾连接过的主机记录",
        ),
    };
    let mut found: Vec<String> = Vec::new();
    found.extend(fact.algorithm.clone());
    found.extend(fact.fingerprint.clone());
    found.extend(fact.comment.as_deref().map(terminal));
    if let Some(encrypted) = fact.encrypted {
        found.push(
            if encrypted {
                "with a passphrase"
            } else {
                "without a passphrase"
            }
            .into(),
        );
    }
    let item = Item::new(key.at.clone(), en, zh);
    let item = if found.is_empty() {
        item
    } else {
        item.compare("no key", found.join(" "))
    };
    (fatal, item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::linux::testing::Build;
    use crate::policy::checks::linux::testing::{check, status};

    const PUB: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFryLQ6BeGC0VnvSgCvpUA16++kooJ5PtYPlgXtIbOXl left over\n";

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
        assert_eq!(
            keys(Build::bare().file(
                "/etc/ssh/ssh_host_rsa_key",
                0o600,
                "-----BEGIN OPENSSH PRIVATE KEY-----\n"
            )),
            Status::Warn
        );
        assert_eq!(
            keys(Build::bare().file("/etc/ssh/sshd_config", 0o600, "AuthorizedKeysCommand /x\n")),
            Status::Unknown
        );
        assert_eq!(keys(Build::bare().missing("/home")), Status::Unknown);
    }
}

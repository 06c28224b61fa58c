//! The policies compiled in.

/// Their names and texts. One is joined of a head and a file for each family of checks.
pub(super) const NAMES: &[(&str, &str)] = &[(
    "tencent-marketplace",
    concat!(
        include_str!("tencent-marketplace/policy.yaml"),
        include_str!("tencent-marketplace/image.yaml"),
        include_str!("tencent-marketplace/windows-agents.yaml"),
        include_str!("tencent-marketplace/windows-leaks.yaml"),
        include_str!("tencent-marketplace/linux-agents.yaml"),
        include_str!("tencent-marketplace/linux-network.yaml"),
        include_str!("tencent-marketplace/linux-accounts.yaml"),
        include_str!("tencent-marketplace/linux-boot.yaml"),
        include_str!("tencent-marketplace/linux-kernel.yaml"),
        include_str!("tencent-marketplace/linux-modules.yaml"),
        include_str!("tencent-marketplace/linux-persistence.yaml"),
        include_str!("tencent-marketplace/linux-integrity.yaml"),
        include_str!("tencent-marketplace/windows-boot.yaml"),
        include_str!("tencent-marketplace/windows-kernel.yaml"),
        include_str!("tencent-marketplace/windows-sysprep.yaml"),
        include_str!("tencent-marketplace/windows-accounts.yaml"),
        include_str!("tencent-marketplace/windows-network.yaml"),
        include_str!("tencent-marketplace/windows-access.yaml"),
        include_str!("tencent-marketplace/windows-persistence.yaml"),
        include_str!("tencent-marketplace/windows-defence.yaml"),
    ),
)];

/// The text of the policy `name`.
pub(super) fn text(name: &str) -> Option<&'static str> {
    let found = NAMES.iter().find(|(known, _)| *known == name)?;
    Some(found.1)
}

/// True where `name` can only be that of a policy compiled in: it has neither dot nor slash.
pub(super) fn is_name(name: &str) -> bool {
    !name.contains(['.', '/'])
}

//! Registry values that weaken the early boot, and code integrity policies.

use super::files::{anchors, blind, say, vouched};
use super::{Found, Weight};
use crate::error::Result;
use crate::evidence::windows::{Datum, KernelFile, Part, Proof, Standing};
use crate::policy::checks::windows::matches;
use crate::policy::{Context, Item, Outcome, Status};
use crate::trust::ci_policy::{CiPolicy, KERNEL};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Values {
    rules: Vec<Rule>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    /// A key by its full name; `*` in it stands for every key at that level.
    key: String,
    /// A value's name, or `*`.
    value: String,
    /// Patterns of what is usual; a list of texts is held against them one by one.
    #[serde(default)]
    usual: Vec<String>,
    /// Patterns of what is not; without `usual` only these count.
    #[serde(default)]
    unusual: Vec<String>,
    is: Weight,
    /// What it is where a driver that starts with the system carries no valid signature.
    #[serde(default)]
    unsigned_boot: Option<Weight>,
}

impl Rule {
    fn accepts(&self, text: &str) -> bool {
        let any = |patterns: &[String]| patterns.iter().any(|p| matches(p, text));
        !any(&self.unusual) && (self.usual.is_empty() || any(&self.usual))
    }
}

/// The values that `with` asks for.
fn judge(context: &Context<'_>, with: &Values) -> Found {
    let windows = &context.evidence.windows;
    let mut found = Found::new(&[]);
    for rule in &with.rules {
        let read = windows.values(&rule.key, &rule.value);
        found.gaps.extend(read.gaps);
        for entry in read.items {
            let texts = match &entry.fact.data {
                Datum::List(list) => list.clone(),
                other => vec![other.to_string()],
            };
            let odd = texts.iter().any(|t| !rule.accepts(t));
            let mut status = if odd { rule.is.into() } else { Status::Pass };
            if let Some(weight) = rule.unsigned_boot.filter(|_| odd)
                && unsigned_boot(context, weight, &mut found)
            {
                status = weight.into();
            }
            let name = &entry.fact.name;
            let item = Item::new(entry.at.clone(), name, name);
            let expected = match rule.usual.is_empty() {
                true => format!("not {}", rule.unusual.join(" | ")),
                false => rule.usual.join(" | "),
            };
            found.add(status, item.compare(expected, entry.fact.data.to_string()));
        }
    }
    found.gaps.sort();
    found.gaps.dedup();
    found
}

/// Tells the drivers that start with the system and are not signed; true where there are any.
fn unsigned_boot(context: &Context<'_>, weight: Weight, found: &mut Found) -> bool {
    let all = context.evidence.windows.kernel_files();
    let unsigned = |f: &&KernelFile| match f.proof.standing {
        Standing::Modified | Standing::SelfSigned => true,
        Standing::Unsigned | Standing::NoPe => !blind(all),
        _ => false,
    };
    let boot = all.of(Part::Driver).filter(|f| f.start() == 0);
    let drivers: Vec<&KernelFile> = boot.filter(unsigned).collect();
    if drivers.is_empty() {
        found.gaps.extend(all.gaps.iter().cloned());
        found
            .gaps
            .extend(all.catalogs.iter().flat_map(|c| c.gaps.iter().cloned()));
    }
    for file in &drivers {
        let item = Item::new(
            file.at.clone(),
            format!("{} starts with the system, and it is let in", file.name()),
            format!("{} 随系统启动，且不会被拦截", file.name()),
        );
        found.add(weight.into(), item.compare("signed", say(&file.proof)));
    }
    !drivers.is_empty()
}

/// WIN-KERNEL-007: registry values that are what they usually are.
pub(in crate::policy::checks::windows) fn values(context: &Context<'_>) -> Result<Outcome> {
    let with: Values = context.check.with()?;
    Ok(judge(context, &with).outcome(
        (
            "the values are the usual ones, or not set",
            "各项取值均为常规值或未设置",
        ),
        ("a value wants a look", "有取值需要关注"),
        ("a value could not be read", "有取值无法读取"),
        (
            "a value weakens the system before any logon",
            "有取值在登录前即削弱系统安全",
        ),
    ))
}

/// WIN-KERNEL-005: the values and policies of code integrity.
pub(in crate::policy::checks::windows) fn integrity(context: &Context<'_>) -> Result<Outcome> {
    let with: Values = context.check.with()?;
    let anchors = anchors(context)?;
    let mut found = judge(context, &with);
    let policies = context.evidence.windows.integrity_policies();
    found.gaps.extend(policies.gaps);
    for policy in &policies.items {
        let proof = &policy.fact.proof;
        let read = policy.fact.policy.as_ref();
        let (status, en, zh) = match read {
            _ if vouched(proof, &anchors) => (Status::Pass, "signed", "已签名"),
            Ok(read) => custom(proof, read),
            Err(gap) => {
                found.gaps.push(gap.clone());
                let (en, zh) = ("a policy that can't be read", "无法读取的策略");
                (Status::Unknown, en, zh)
            }
        };
        let name = read.ok().and_then(|p| p.name.as_deref()).unwrap_or("-");
        let item = Item::new(
            policy.at.clone(),
            format!("{en}; name {name}"),
            format!("{zh}；名称 {name}"),
        );
        let shown = match proof.standing {
            Standing::Unsigned => "not signed".into(),
            _ => say(proof),
        };
        found.add(
            status,
            item.compare("a policy that Microsoft signed", shown),
        );
    }
    Ok(found.outcome(
        (
            "code integrity is not weakened by values or policies",
            "代码完整性未被取值或策略削弱",
        ),
        (
            "values or policies of code integrity want a look",
            "代码完整性的取值或策略需要关注",
        ),
        (
            "the values or policies of code integrity could not be read",
            "代码完整性的取值或策略无法读取",
        ),
        (
            "a value or a policy weakens code integrity",
            "有取值或策略削弱代码完整性",
        ),
    ))
}

/// What a policy is that is not Microsoft's.
fn custom(proof: &Proof, policy: &CiPolicy) -> (Status, &'static str, &'static str) {
    let open = policy.allows_all.contains(&KERNEL);
    match &proof.standing {
        Standing::Modified => (
            Status::Fail,
            "a policy that was changed after it was signed",
            "签名后被修改的策略",
        ),
        Standing::Unproven(_) => (
            Status::Unknown,
            "a policy whose signature can't be judged",
            "无法判断签名的策略",
        ),
        Standing::Unsigned if open => (
            Status::Fail,
            "an unsigned policy that lets every driver run",
            "允许所有驱动运行的未签名策略",
        ),
        _ if open => (
            Status::Warn,
            "a policy of another signer that lets every driver run",
            "由其他签名者签名且允许所有驱动运行的策略",
        ),
        _ if policy.audit => (
            Status::Warn,
            "a custom policy, which only logs what it forbids",
            "仅记录而不拦截的自定义策略",
        ),
        Standing::Unsigned => (
            Status::Warn,
            "a custom policy, unsigned",
            "未签名的自定义策略",
        ),
        _ => (
            Status::Warn,
            "a custom policy, of another signer",
            "由其他签名者签名的自定义策略",
        ),
    }
}

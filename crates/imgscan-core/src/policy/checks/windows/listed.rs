//! What runs by itself on a Windows guest, each entry judged as the check of its subject does.

use std::collections::BTreeMap;

use crate::evidence::windows::{Execution, Subject};
use crate::evidence::{Evidence, Found, Gap};
use crate::policy::checks::findings::worse;
use crate::policy::checks::registry;
use crate::policy::load::Node;
use crate::policy::{Check, Context, Policy, RegistryView, Status};
use crate::text::Text;

use super::declared::Declared;
use super::explained::{Judged, Unexplained, explain};
use super::persistence::{
    persist_001_autostarts as autostarts, persist_002_debuggers as debuggers,
    persist_003_services_and_tasks as registered, persist_004_authorities as authorities,
};

/// An entry of what runs by itself, and what the policy's check says of it.
#[derive(Debug)]
pub struct Judgement<'e> {
    /// The entry.
    pub entry: &'e Found<Execution>,
    /// Pass where all of it is explained; unknown where a part is not, or can't be told; fail where
    /// a part is a known form of attack; a warning where a part is not there.
    pub status: Status,
    /// Why it is not explained.
    pub why: Vec<Text>,
    /// What explains what is explained of it.
    pub by: Vec<Text>,
    /// What the vendor's declaration said of it.
    pub declared: Declared,
}

/// All entries of a guest, and what may hide more.
#[derive(Debug, Default)]
pub struct Judgements<'e> {
    /// The entries, in the order in which they were found.
    pub items: Vec<Judgement<'e>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// The checks of a policy that judge entries, ready to do so.
struct Judges {
    autostarts: Option<autostarts::Autostarts>,
    debuggers: Option<debuggers::Debuggers>,
    registered: Option<registered::Registered>,
    authorities: Option<authorities::Authorities>,
}

/// Judges everything that runs by itself on the guest of `evidence` as `policy` asks; what no check
/// of it speaks of is judged by its files alone.
///
/// # Errors
/// Where the policy's parameters do not fit.
pub fn executions<'e>(policy: &Policy, evidence: &'e Evidence<'e>) -> Result<Judgements<'e>, Text> {
    let shared = registry::shared(&policy.params)?;
    let Some(check) = policy.checks.first() else {
        return Ok(Judgements::default());
    };
    let context = Context {
        evidence,
        policy,
        shared: &shared,
        check,
        image_gaps: &[],
        registry: &RegistryView::default(),
    };
    let judges = Judges {
        autostarts: parameters(policy, autostarts::NAME)?,
        debuggers: parameters(policy, debuggers::NAME)?,
        registered: parameters(policy, registered::NAME)?,
        authorities: parameters(policy, authorities::NAME)?,
    };
    let all = evidence.windows.executions();
    let mut out = Judgements {
        items: Vec::new(),
        gaps: all.gaps.iter().map(|(_, gap)| gap.clone()).collect(),
    };
    let tasks = evidence.windows.tasks();
    let mut hidden: BTreeMap<String, Vec<registered::Sign>> = BTreeMap::new();
    if let Some(with) = &judges.registered {
        for (task, sign) in registered::hidden(&context, with, &tasks.items) {
            hidden.entry(task).or_default().push(sign);
        }
    }
    for entry in &all.items {
        let judged = judges.judge(&context, entry);
        let mut judgement = Judgement::of(entry, judged);
        if entry.fact.subject == Subject::Task {
            for sign in hidden.get(&entry.fact.name).into_iter().flatten() {
                judgement.status = worse(judgement.status, sign.status);
                judgement.why.push(sign.item.note.clone());
            }
        }
        out.items.push(judgement);
    }
    Ok(out)
}

/// The parameters of the first check of `policy` that names `test`.
fn parameters<P: registry::Parameters>(policy: &Policy, test: &str) -> Result<Option<P>, Text> {
    let named = |check: &&Check| check.test == test;
    let Some(check) = policy.checks.iter().find(named) else {
        return Ok(None);
    };
    let found = P::deserialize(&Node::from(&check.with)).map_err(|e| e.text())?;
    Ok(Some(found))
}

impl Judges {
    fn judge(&self, context: &Context<'_>, entry: &Found<Execution>) -> Judged {
        let subject = entry.fact.subject;
        match self {
            Self {
                autostarts: Some(with),
                ..
            } if autostarts::SUBJECTS.contains(&subject) => autostarts::judge(context, with, entry),
            Self {
                debuggers: Some(with),
                ..
            } if debuggers::SUBJECTS.contains(&subject) => debuggers::judge(context, with, entry),
            Self {
                registered: Some(with),
                ..
            } if registered::SUBJECTS.contains(&subject) => registered::judge(context, with, entry),
            Self {
                authorities: Some(with),
                ..
            } if authorities::SUBJECTS.contains(&subject) => {
                authorities::judge(context, with, entry)
            }
            _ => {
                let unexplained = match subject {
                    Subject::Logon => Unexplained::Fails,
                    _ => Unexplained::Unknown,
                };
                let what = Text::verbatim(&entry.fact.name);
                explain(context, &entry.fact, unexplained).judged(entry, what)
            }
        }
    }
}

impl<'e> Judgement<'e> {
    fn of(entry: &'e Found<Execution>, judged: Judged) -> Self {
        let Judged {
            mut status,
            mut why,
            by,
            gaps,
            declared,
            ..
        } = judged;
        if !gaps.is_empty() {
            status = worse(status, Status::Unknown);
            why.extend(gaps.into_iter().map(|gap| *gap.reason));
        }
        Self {
            entry,
            status,
            why,
            by,
            declared,
        }
    }
}

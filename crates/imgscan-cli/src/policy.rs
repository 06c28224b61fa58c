//! `imgscan policy` and `imgscan explain`.

use std::collections::BTreeMap;
use std::io::Write as _;

use imgscan_core::Policy;
use imgscan_core::policy::{Check, Gate, Os, Severity};
use imgscan_core::report::json;
use imgscan_core::text::{Text, terminal};
use serde::Serialize;
use serde_json::Value;

use crate::args::{ExplainArgs, ExportArgs, PolicyCommand, ShowArgs, ValidateArgs};
use crate::exit::{Failure, Outcome};
use crate::output::{Ui, stdout};

pub(crate) fn run(command: &PolicyCommand, ui: &Ui) -> Result<Outcome, Failure> {
    match command {
        PolicyCommand::List => list(ui),
        PolicyCommand::Show(args) => show(args, ui),
        PolicyCommand::Export(args) => export(args),
        PolicyCommand::Validate(args) => validate(args, ui),
        PolicyCommand::Explain(args) => explain(args, ui),
    }
}

/// Lines on standard output, in the user's language and harmless to a terminal.
fn print(ui: &Ui, lines: impl IntoIterator<Item = Text>) -> Result<Outcome, Failure> {
    let mut out = stdout();
    for line in lines {
        writeln!(out, "{}", terminal(line.get(ui.lang())))?;
    }
    out.flush()?;
    Ok(Outcome::Accept)
}

fn list(ui: &Ui) -> Result<Outcome, Failure> {
    let mut lines = Vec::new();
    for name in Policy::built_in_names() {
        lines.push(headline(&Policy::built_in(name)?));
    }
    print(ui, lines)
}

fn headline(policy: &Policy) -> Text {
    say!(
        policy_headline,
        id = policy.id.as_str(),
        revision = policy.revision.as_str(),
        title = &policy.title,
        count = policy.checks.len()
    )
}

/// A check as it is in force.
#[derive(Serialize)]
struct Shown<'p> {
    #[serde(flatten)]
    check: &'p Check,
    /// The shared parameters of the policy that its test reads besides its own.
    params: BTreeMap<&'p str, &'p Value>,
}

/// The shared parameters of `policy` that the test of `check` reads.
fn shared<'p>(
    policy: &'p Policy,
    check: &'p Check,
) -> impl Iterator<Item = (&'p str, &'p Value)> + use<'p> {
    let names = check.shared().iter();
    names.filter_map(|name| Some((*name, policy.params.get(*name)?)))
}

/// A policy with its checks; where no policy is called so, the check of that id as it is in force.
fn show(args: &ShowArgs, ui: &Ui) -> Result<Outcome, Failure> {
    let id = args.id.to_string_lossy();
    let is_policy = id.contains(['.', '/']) || Policy::built_in_names().any(|name| name == id);
    if !is_policy {
        let policy = Policy::open(&args.policy)?;
        let check = find(&policy, &id)?;
        let shown = Shown {
            check,
            params: shared(&policy, check).collect(),
        };
        let mut out = stdout();
        out.write_all(json(&shown).as_bytes())?;
        out.flush()?;
        return Ok(Outcome::Accept);
    }
    let policy = Policy::open(&args.id)?;
    let mut lines = vec![headline(&policy)];
    lines.push(say!(policy_digest, sha256 = policy.sha256.as_str()));
    for base in &policy.bases {
        let (id, revision) = (base.id.as_str(), base.revision.as_str());
        let sha256 = base.sha256.as_str();
        lines.push(say!(
            policy_base,
            id = id,
            revision = revision,
            sha256 = sha256
        ));
    }
    for check in &policy.checks {
        lines.push(say!(
            policy_check,
            id = format!("{:<15}", check.id),
            title = &check.title,
            gate = gate(check.gate),
            severity = severity(check.severity)
        ));
    }
    print(ui, lines)
}

fn export(args: &ExportArgs) -> Result<Outcome, Failure> {
    // An unknown name is told with what there is.
    Policy::built_in(&args.name)?;
    let text = Policy::built_in_text(&args.name).unwrap_or_default();
    let mut out = stdout();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(Outcome::Accept)
}

fn validate(args: &ValidateArgs, ui: &Ui) -> Result<Outcome, Failure> {
    let policy = Policy::open(&args.file)?;
    print(ui, [headline(&policy), say!(policy_sound)])
}

/// `imgscan explain`: what a check wants, by which clauses, with which parameters, and what to do.
pub(crate) fn explain(args: &ExplainArgs, ui: &Ui) -> Result<Outcome, Failure> {
    let policy = Policy::open(&args.policy)?;
    let check = find(&policy, &args.check)?;
    let os = match check.os {
        Os::Linux => Text::verbatim("Linux"),
        Os::Windows => Text::verbatim("Windows"),
        Os::Any => say!(policy_any_system),
    };
    let mut lines = vec![
        say!(
            policy_explained,
            id = check.id.as_str(),
            title = &check.title
        ),
        say!(policy_system, os = os),
        say!(policy_clauses, clauses = check.clause.clone()),
        say!(
            policy_gate,
            gate = gate(check.gate),
            severity = severity(check.severity)
        ),
        say!(policy_test, test = check.test.as_str()),
    ];
    let own = check
        .with
        .iter()
        .map(|(name, value)| (name.as_str(), value));
    for (name, value) in own.chain(shared(&policy, check)) {
        lines.push(say!(
            policy_parameter,
            name = name,
            value = value.to_string()
        ));
    }
    lines.extend(check.advice().map(|fix| say!(policy_fix, fix = fix)));
    print(ui, lines)
}

fn find<'p>(policy: &'p Policy, id: &str) -> Result<&'p Check, Failure> {
    let mut checks = policy.checks.iter();
    checks
        .find(|check| check.id.eq_ignore_ascii_case(id))
        .ok_or_else(|| {
            let policy = policy.id.as_str();
            Failure::Usage(say!(policy_no_check, policy = policy, id = id))
        })
}

fn gate(gate: Gate) -> Text {
    match gate {
        Gate::Block => say!(policy_gate_block),
        Gate::Review => say!(policy_gate_review),
        Gate::Advisory => say!(policy_gate_advisory),
        Gate::Info => say!(policy_gate_info),
    }
}

fn severity(severity: Severity) -> Text {
    match severity {
        Severity::Info => say!(policy_severity_info),
        Severity::Low => say!(policy_severity_low),
        Severity::Medium => say!(policy_severity_medium),
        Severity::High => say!(policy_severity_high),
        Severity::Critical => say!(policy_severity_critical),
    }
}

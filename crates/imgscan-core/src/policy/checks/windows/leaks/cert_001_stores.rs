//! WIN-CERT-001: no certificate was added to the stores of authorities and publishers.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{known_root, remove_certificate, shown_certificate};
use crate::evidence::windows::Stored;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::matches;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// The stores of certificates that Windows trusts.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks::windows) struct Stores {
    /// Stores whose certificates are trusted as authorities.
    root_stores: Vec<String>,
    /// Stores whose certificates are trusted as publishers.
    publisher_stores: Vec<String>,
    /// Patterns of subjects of test and interception authorities.
    bad: Vec<String>,
    /// Key and name of values that are not 0 where a proxy is set.
    proxies: Vec<(String, String)>,
}

impl Parameters for Stores {
    const SHARED: &'static [&'static str] = &["windows_roots"];

    fn validate(&self) -> Result<(), BadParameter> {
        valid::some("root_stores", &self.root_stores)?;
        valid::entries("publisher_stores", &self.publisher_stores)?;
        valid::entries("bad", &self.bad)?;
        for (i, (key, value)) in self.proxies.iter().enumerate() {
            valid::key(&format!("proxies[{i}][0]"), key)?;
            valid::text(&format!("proxies[{i}][1]"), value)?;
        }
        Ok(())
    }
}

pub(in crate::policy::checks::windows) fn run(context: &Context<'_>, with: &Stores) -> Outcome {
    let windows = &context.evidence.windows;
    let mut found = Findings::new();
    let mut proxy = None;
    for (key, value) in &with.proxies {
        let values = found.keep(windows.values(key, value));
        let set = values.into_iter().find(|v| v.fact.data.to_string() != "0");
        proxy = proxy.or(set.map(|v| v.at));
    }
    let mut seen = 0_usize;
    for stored in found.keep(windows.certificates()) {
        let it = &stored.fact;
        let any = |stores: &[String]| stores.iter().any(|s| s.eq_ignore_ascii_case(&it.store));
        let (root, publisher) = (any(&with.root_stores), any(&with.publisher_stores));
        if !root && !publisher {
            continue;
        }
        seen = seen.saturating_add(1);
        if !it.key.eq_ignore_ascii_case(&it.sha1) {
            found.fix(remove_certificate(&stored));
            let item = Item::at(stored.at.clone(), say!(win_cert_001_key));
            found.fail(item.compare(Text::verbatim(&it.sha1), Text::verbatim(&it.key)));
        }
        if known_root(context, &it.sha1) {
            continue;
        }
        let (status, what) = judge(with, it, root, proxy.is_some());
        let note = say!(
            win_cert_001_added,
            what = what,
            store = &it.store,
            expires = it.not_after.as_deref().unwrap_or("?"),
        );
        found.fix(remove_certificate(&stored));
        let shown = shown_certificate(it);
        let item = Item::at(stored.at, note);
        found.add(status, item.compare(say!(win_cert_001_wanted), shown));
    }
    if let Some(at) = proxy.filter(|_| found.worst() == Status::Fail) {
        found.pass(Item::at(at, say!(win_cert_001_proxy)));
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_cert_001_fail, count = count),
        Status::Warn => say!(win_cert_001_warn, count = count),
        _ => say!(win_cert_001_pass, count = seen),
    })
}

/// What a certificate is that is none of the known roots.
fn judge(with: &Stores, it: &Stored, root: bool, proxy: bool) -> (Status, Text) {
    let subject = it.names.as_ref().map_or("?", |(subject, _)| subject);
    if with.bad.iter().any(|p| matches(p, subject)) {
        (Status::Fail, say!(win_cert_001_bad))
    } else if root && it.is_root() && proxy {
        (Status::Fail, say!(win_cert_001_private))
    } else if root {
        (Status::Warn, say!(win_cert_001_authority))
    } else {
        (Status::Warn, say!(win_cert_001_publisher))
    }
}

//! WIN-CERT-001: no certificate was added to the stores of authorities and publishers.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{known_root, remove_certificate, shown_certificate};
use crate::evidence::windows::Stored;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::values::Values;
use crate::policy::checks::windows::{commands, matches};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// The stores of certificates that Windows trusts.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks::windows) struct Stores {
    /// Stores whose certificates are trusted as authorities.
    root_stores: Vec<String>,
    /// Stores of authorities in between, which are trusted only below a root.
    authority_stores: Vec<String>,
    /// Stores whose certificates are trusted as publishers.
    publisher_stores: Vec<String>,
    /// Stores whose certificates are trusted as they are, without an authority.
    people_stores: Vec<String>,
    /// Stores whose certificates are trusted no more.
    distrust_stores: Vec<String>,
    /// Patterns of subjects of test and interception authorities.
    bad: Vec<String>,
    /// Key and name of values that are not 0 where a proxy is set.
    proxies: Vec<(String, String)>,
}

impl Stores {
    /// True for a store whose certificates are trusted, in whatever way.
    fn trusts(&self, store: &str) -> bool {
        let all = [
            &self.root_stores,
            &self.authority_stores,
            &self.publisher_stores,
            &self.people_stores,
        ];
        all.into_iter()
            .flatten()
            .any(|s| s.eq_ignore_ascii_case(store))
    }
}

impl Parameters for Stores {
    const SHARED: &'static [&'static str] = &["windows_roots"];

    fn validate(&self) -> Result<(), BadParameter> {
        valid::some("root_stores", &self.root_stores)?;
        valid::entries("authority_stores", &self.authority_stores)?;
        valid::entries("publisher_stores", &self.publisher_stores)?;
        valid::entries("people_stores", &self.people_stores)?;
        valid::entries("distrust_stores", &self.distrust_stores)?;
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
        let values = Values::of(context).all(&mut found, key, value);
        let set = values.into_iter().find(|v| v.fact.data.to_string() != "0");
        proxy = proxy.or(set.map(|v| v.at));
    }
    let joined = found.keep(windows.joined_stores());
    for part in &joined {
        let it = &part.fact;
        if with.trusts(&it.store) {
            let item = Item::at(
                part.at.clone(),
                say!(win_cert_001_joined, store = &it.store),
            );
            let shown = match &it.holds {
                Some(holds) => format!("{}: {holds}", it.name),
                None => it.name.clone(),
            };
            found.unknown(item.compare(say!(win_key_absent), Text::verbatim(shown)));
            let key = part.at.key.clone().unwrap_or_default();
            found.fix(commands::loaded(
                &part.at,
                say!(win_fix_key_delete, key = key),
            ));
        }
    }
    // What another store takes part of is trusted as that one is.
    let mut parts: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for part in &joined {
        let holds = part.fact.holds.as_deref().unwrap_or_default();
        let last = holds.rsplit(['\\', '/']).next().unwrap_or_default();
        let of = parts.entry(last.to_ascii_lowercase()).or_default();
        of.push(part.fact.store.as_str());
    }
    let mut seen = 0_usize;
    for stored in found.keep(windows.certificates()) {
        let it = &stored.fact;
        let of = parts.get(&it.store.to_ascii_lowercase());
        let of = of.map_or(&[][..], Vec::as_slice);
        let any = |stores: &[String]| {
            let is = |s: &String| {
                s.eq_ignore_ascii_case(&it.store) || of.iter().any(|o| s.eq_ignore_ascii_case(o))
            };
            stores.iter().any(is)
        };
        if any(&with.distrust_stores) && known_root(context, &it.sha1) {
            let item = Item::at(stored.at.clone(), say!(win_cert_001_distrusted));
            found.fix(remove_certificate(&stored));
            found.fail(item.compare(say!(win_absent), shown_certificate(it)));
        }
        let store = if any(&with.root_stores) {
            Store::Roots
        } else if any(&with.authority_stores) {
            Store::Authorities
        } else if any(&with.publisher_stores) {
            Store::Publishers
        } else if any(&with.people_stores) {
            Store::People
        } else {
            continue;
        };
        seen = seen.saturating_add(1);
        if !it.key.eq_ignore_ascii_case(&it.sha1) {
            found.fix(remove_certificate(&stored));
            let item = Item::at(stored.at.clone(), say!(win_cert_001_key));
            found.fail(item.compare(Text::verbatim(&it.sha1), Text::verbatim(&it.key)));
        }
        if known_root(context, &it.sha1) {
            continue;
        }
        let Some((status, what)) = judge(with, it, store, proxy.is_some()) else {
            continue;
        };
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
    for list in found.keep(windows.certificate_lists()) {
        let stores = [
            &with.root_stores,
            &with.publisher_stores,
            &with.people_stores,
        ];
        let is = |name: &String| name.eq_ignore_ascii_case(&list.fact);
        if stores.into_iter().flatten().any(is) {
            let item = Item::at(list.at, say!(win_cert_001_list, store = &list.fact));
            found.unknown(item.compare(say!(win_absent), Text::verbatim(list.fact)));
        }
    }
    if let Some(at) = proxy.filter(|_| found.worst() == Status::Fail) {
        found.pass(Item::at(at, say!(win_cert_001_proxy)));
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_cert_001_fail, count = count),
        Status::Unknown => say!(win_cert_001_unknown, count = count),
        Status::Warn => say!(win_cert_001_warn, count = count),
        _ => say!(win_cert_001_pass, count = seen),
    })
}

/// What the certificates of a store are trusted as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Store {
    Roots,
    Authorities,
    Publishers,
    People,
}

/// What a certificate is that is none of the known roots; `None` for one that is trusted only as
/// far as a root is.
fn judge(with: &Stores, it: &Stored, store: Store, proxy: bool) -> Option<(Status, Text)> {
    let subject = it.names.as_ref().map_or("?", |(subject, _)| subject);
    let own = it.is_root() || it.names.is_none();
    Some(match store {
        _ if with.bad.iter().any(|p| matches(p, subject)) => (Status::Fail, say!(win_cert_001_bad)),
        Store::Roots if own && proxy => (Status::Fail, say!(win_cert_001_private)),
        Store::Roots => (Status::Unknown, say!(win_cert_001_authority)),
        Store::Authorities if own => (Status::Unknown, say!(win_cert_001_authority)),
        Store::Authorities => return None,
        Store::Publishers if own => (Status::Unknown, say!(win_cert_001_publisher)),
        Store::Publishers => (Status::Warn, say!(win_cert_001_publisher)),
        Store::People => (Status::Unknown, say!(win_cert_001_person)),
    })
}

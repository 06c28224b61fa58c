//! What the vendor's declaration did, as a part of documents.

use serde::{Deserialize, Serialize};

use super::text::Page;
use super::words::Words;
use crate::declaration::Declaration;
use crate::evidence::Location;
use crate::policy::{DeclaredDifference, DeclaredUse, Judgement};

/// The vendor's declaration that was given, and what it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclarationReport {
    /// The product.
    pub product: String,
    /// Who makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// SHA-256 of the declaration's file.
    pub sha256: String,
    /// Every file that it explained, by the entry that runs it.
    pub explained: Vec<DeclaredItem>,
    /// Every file that has other bytes than it pins, by the entry that runs it.
    pub differs: Vec<DeclaredItem>,
}

/// A file that a declaration speaks of, and what runs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredItem {
    /// The root volume of the guest, where the image holds several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest: Option<String>,
    /// The kind of the entry: `service`, `task`, `Run`, …
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub at: Location,
    /// The file, with the digest that it has.
    pub file: Location,
    /// The publisher whose certificate is pinned, where it is explained by that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// The SHA-256 that is pinned, where it is not the file's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
}

impl DeclarationReport {
    /// A declaration that has done nothing yet.
    pub(crate) fn new(declaration: &Declaration) -> Self {
        Self {
            product: declaration.product.clone(),
            vendor: declaration.vendor.clone(),
            sha256: declaration.sha256.clone(),
            explained: Vec::new(),
            differs: Vec::new(),
        }
    }

    /// Adds what it did to the entries of a guest; `guest` names that where there are several.
    pub(crate) fn add(&mut self, guest: Option<&str>, judged: &[Judgement<'_>]) {
        for judgement in judged {
            let item = |file: &Location| DeclaredItem {
                guest: guest.map(str::to_owned),
                kind: judgement.entry.fact.kind.clone(),
                name: judgement.entry.fact.name.clone(),
                at: judgement.entry.at.clone(),
                file: file.clone(),
                publisher: None,
                expected: None,
            };
            let declared = &judgement.declared;
            let uses = declared.files.iter();
            self.explained
                .extend(uses.map(|DeclaredUse { at, publisher }| DeclaredItem {
                    publisher: publisher.clone(),
                    ..item(at)
                }));
            let others = declared.differs.iter();
            self.differs.extend(
                others.map(|DeclaredDifference { at, expected }| DeclaredItem {
                    expected: Some(expected.clone()),
                    ..item(at)
                }),
            );
        }
    }
}

/// One line of the page's head: which declaration was given.
pub(super) fn head(page: &mut Page, words: &Words, declaration: &DeclarationReport) {
    let name = match &declaration.vendor {
        Some(vendor) => words.brackets(declaration.product.as_str(), vendor.as_str()),
        None => declaration.product.clone(),
    };
    page.field(0, &words.say(&say!(declaration_label)), &name);
    page.field(2, &words.digest, &declaration.sha256);
}

/// What it explained and what has other bytes.
pub(super) fn section(page: &mut Page, words: &Words, declaration: &DeclarationReport) {
    let lists = [
        (say!(declaration_label_explained), &declaration.explained),
        (say!(declaration_label_differs), &declaration.differs),
    ];
    for (title, items) in lists {
        if items.is_empty() {
            continue;
        }
        page.blank();
        let heading = words.heading(&words.say(&title), items.len());
        page.line(0, &heading);
        for item in items {
            let guest = item.guest.as_ref().map(|g| format!("{g}: "));
            let entry = format!("{}{} {}", guest.unwrap_or_default(), item.kind, item.name);
            let file = item.file.path.as_deref().unwrap_or_default();
            page.field(2, &entry, file);
            let found = item.file.sha256.as_deref().unwrap_or("-");
            if let Some(expected) = &item.expected {
                page.field(6, &words.required, expected);
                page.field(6, &words.actual, found);
            } else {
                page.field(6, &words.digest, found);
            }
            if let Some(publisher) = &item.publisher {
                page.field(6, &words.say(&say!(declaration_label_publisher)), publisher);
            }
        }
    }
}

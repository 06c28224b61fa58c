//! Keys of a hive with the places that facts name.

use crate::error::{Error, Layer, Result};
use crate::evidence::{Found, Gap, Location};
use crate::guest::windows::GuestHive;
use crate::hive::{Data, Key, Value};

/// A place in a hive: the key's path from the hive's root, a value, a byte offset in the file.
pub(super) fn place(
    hive: &GuestHive,
    key: &str,
    value: Option<&str>,
    offset: Option<u64>,
) -> Location {
    let key = match key {
        "" => hive.root.clone(),
        key => format!("{}\\{key}", hive.root),
    };
    Location {
        key: Some(key),
        value: value.map(str::to_owned),
        offset,
        ..Location::of(&hive.at)
    }
}

/// One key with where it is, for reading its values.
pub(super) struct KeyAt<'h> {
    pub(super) hive: &'h GuestHive,
    pub(super) key: Key<'h>,
    pub(super) path: String,
}

impl<'h> KeyAt<'h> {
    /// The key at `path`; `None` where there is none.
    pub(super) fn open(hive: &'h GuestHive, path: &str) -> Result<Option<Self>, Gap> {
        let gap = |e| Gap::new(place(hive, path, None, None), &e);
        Ok(hive.hive.key(path).map_err(gap)?.map(|key| Self {
            hive,
            key,
            path: path.to_owned(),
        }))
    }

    pub(super) fn location(&self) -> Location {
        place(self.hive, &self.path, None, Some(self.key.offset()))
    }

    /// The key at `path` from this one; `None` where there is none.
    pub(super) fn descend(self, path: &str) -> Result<Option<Self>, Gap> {
        if path.is_empty() {
            return Ok(Some(self));
        }
        let found = self.key.descend(path).map_err(|e| self.gap(None, &e))?;
        Ok(found.map(|key| Self {
            hive: self.hive,
            path: format!("{}\\{path}", self.path),
            key,
        }))
    }

    pub(super) fn gap(&self, value: Option<&str>, error: &Error) -> Gap {
        Gap::new(
            place(self.hive, &self.path, value, Some(self.key.offset())),
            error,
        )
    }

    /// What `read` makes of the value `name`; `None` where there is none or it is of another
    /// type than `read` takes.
    pub(super) fn value<T>(
        &self,
        name: &str,
        read: impl Fn(&Value<'_>) -> Result<Option<T>>,
    ) -> Result<Option<Found<T>>, Gap> {
        let gap = |e| self.gap(Some(name), &e);
        let Some(value) = self.key.value(name).map_err(gap)? else {
            return Ok(None);
        };
        let at = place(
            self.hive,
            &self.path,
            Some(value.name()),
            Some(value.offset()),
        );
        Ok(read(&value).map_err(gap)?.map(|fact| Found { fact, at }))
    }

    /// The keys below; what can't be read of their list goes to `gaps`, and so does a link, whose
    /// place Windows would see another key in.
    pub(super) fn subkeys(&self, gaps: &mut Vec<Gap>) -> Vec<Self> {
        let children = self.key.subkeys();
        gaps.extend(children.damage.iter().map(|e| self.gap(None, e)));
        let below = |key: Key<'h>| Self {
            hive: self.hive,
            path: format!("{}\\{}", self.path, key.name()),
            key,
        };
        let keys: Vec<Self> = children.items.into_iter().map(below).collect();
        for key in keys.iter().filter(|k| k.key.is_link()) {
            let link = Error::unsupported(Layer::Hive, key.key.offset(), say!(error_registry_link));
            gaps.push(key.gap(None, &link));
        }
        keys
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<Found<String>>, Gap> {
        self.value(name, |value| value.text())
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<Found<u32>>, Gap> {
        self.value(name, |value| value.number())
    }
}

/// All of a value's text; `None` for a value of another type.
pub(super) fn whole_text(data: &Data) -> Option<String> {
    match data {
        Data::Text(text) | Data::Expand(text) => Some(text.clone()),
        Data::List(list) => Some(list.join("; ")),
        _ => None,
    }
}

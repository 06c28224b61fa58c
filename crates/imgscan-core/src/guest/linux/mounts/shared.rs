//! systemd makes the mounts of the system shared (`mount_setup` of `src/core`, mount_namespaces(7)): what
//! is mounted below a directory that is bound elsewhere is mounted in both places.

use super::{Builder, Mounted, Request, bears, is_early};
use crate::guest::paths::Below;
use crate::text::lossless;

/// Places where one mount is seen.
const MAX_PLACES: usize = 16;

/// A directory that is seen in a second place.
pub(super) struct Bind {
    /// That place.
    at: Vec<u8>,
    /// The directory.
    from: Vec<u8>,
    /// What is mounted below it comes along.
    recursive: bool,
}

impl Builder<'_> {
    /// Notes that `from` is seen at the place of `request`, and tells where the order of systemd, which is
    /// none here, decides what is seen there.
    pub(super) fn bound(&mut self, request: &Request, from: &[u8], below: &[Below]) {
        // What was bound before systemd started shares nothing.
        if !self.systemd || is_early(request) {
            return;
        }
        let recursive = request.has("rbind") || request.kind == "rbind";
        for mount in below.iter().filter(|_| !recursive) {
            let at = [request.at.as_slice(), &mount.rest].concat();
            if bears(&at) {
                let why = say!(error_mount_order, at = lossless(&at));
                self.doubt(request.place.clone(), why);
            }
        }
        self.binds.push(Bind {
            at: request.at.clone(),
            from: from.to_vec(),
            recursive,
        });
    }

    /// Mounts what `request` has mounted in every other place where its mount point is seen.
    pub(super) fn share(&mut self, request: &Request) {
        let mut places = vec![request.at.clone()];
        let mut todo = places.clone();
        while let Some(place) = todo.pop() {
            for (other, certain) in self.seen_at(&place) {
                if places.contains(&other) {
                    continue;
                }
                if places.len() >= MAX_PLACES {
                    let why = say!(error_mount_order, at = lossless(&other));
                    self.doubt(request.place.clone(), why);
                    return;
                }
                if !certain && bears(&other) {
                    let why = say!(error_mount_order, at = lossless(&other));
                    self.doubt(request.place.clone(), why);
                }
                self.copy(request, &other);
                todo.push(other.clone());
                places.push(other);
            }
        }
    }

    /// The other places of the path `at`, below both ends of a bind mount, and whether it is seen there
    /// whatever the order of the two.
    fn seen_at(&self, at: &[u8]) -> Vec<(Vec<u8>, bool)> {
        let moved = |from: &[u8], to: &[u8]| {
            let from = from.strip_suffix(b"/").unwrap_or(from);
            let rest = at.strip_prefix(from)?;
            let to = to.strip_suffix(b"/").unwrap_or(to);
            (rest.starts_with(b"/") && rest.len() > 1).then(|| [to, rest].concat())
        };
        let mut all = Vec::new();
        for bind in &self.binds {
            all.extend(moved(&bind.at, &bind.from).map(|path| (path, true)));
            all.extend(moved(&bind.from, &bind.at).map(|path| (path, bind.recursive)));
        }
        all
    }

    fn copy(&mut self, request: &Request, at: &[u8]) {
        let Some(first) = self.plan.mounts.last().cloned() else {
            return;
        };
        let hides = self.hidden(at);
        let request = Request {
            at: at.to_vec(),
            ..request.clone()
        };
        self.hides_units(&request, hides);
        let unread = self.paths.unavailable();
        let unread = unread
            .iter()
            .find(|(path, _)| path.as_slice() == first.at.as_bytes());
        match unread.map(|(_, why)| why.clone()) {
            Some(why) => self.paths.mark_unavailable(at, why),
            None => match self.paths.find(first.at.as_bytes()) {
                Ok(Some(shown)) => self.paths.mount_dir(at, &shown.volume, shown.fs, shown.id),
                Ok(None) => return,
                Err(why) => self.paths.mark_unavailable(at, why),
            },
        }
        self.plan.mounts.push(Mounted {
            at: lossless(at),
            hides,
            ..first
        });
    }
}

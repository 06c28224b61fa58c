//! An unpacked kernel that passes by in windows, so that it is never held whole.

/// Bytes that are held at a time.
const SIZE: usize = 4 * 1024 * 1024;
/// Bytes of a window that the next one begins with. Nothing that is taken from one window is longer.
pub(in crate::trust) const OVERLAP: usize = 1024 * 1024;

/// A part of a kernel, or all of it. Places are counted from the start of the kernel.
#[derive(Debug, Clone, Copy)]
pub(in crate::trust) struct Window<'a> {
    bytes: &'a [u8],
    base: usize,
    own: usize,
    last: bool,
}

impl<'a> Window<'a> {
    /// The kernel `bytes` as one window.
    pub(in crate::trust) fn whole(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            base: 0,
            own: bytes.len(),
            last: true,
        }
    }

    /// Where it begins.
    pub(super) fn start(&self) -> usize {
        self.base
    }

    /// Where it ends.
    pub(super) fn end(&self) -> usize {
        self.base.saturating_add(self.bytes.len())
    }

    /// What begins here or behind is left to the next window.
    pub(in crate::trust) fn own_end(&self) -> usize {
        self.own
    }

    /// True where the kernel ends with it.
    pub(super) fn is_last(&self) -> bool {
        self.last
    }

    /// The bytes from `at` on; none where they have passed or come later.
    pub(in crate::trust) fn from(&self, at: usize) -> &'a [u8] {
        let at = at.checked_sub(self.base);
        at.and_then(|at| self.bytes.get(at..)).unwrap_or_default()
    }

    /// The `len` bytes at `at`, where it holds all of them.
    pub(in crate::trust) fn get(&self, at: usize, len: usize) -> Option<&'a [u8]> {
        let at = at.checked_sub(self.base)?;
        self.bytes.get(at..at.checked_add(len)?)
    }

    /// The first place of `needle` at `from` or behind that is not left to the next window.
    pub(in crate::trust) fn find(
        &self,
        needle: &memchr::memmem::Finder<'_>,
        from: usize,
    ) -> Option<usize> {
        let end = self
            .own
            .saturating_add(needle.needle().len().saturating_sub(1));
        let end = end.min(self.end()).checked_sub(self.base)?;
        let start = from.saturating_sub(self.base);
        let at = needle.find(self.bytes.get(start..end)?)?;
        self.base.checked_add(start)?.checked_add(at)
    }
}

/// Cuts the pieces of a kernel into windows.
#[derive(Debug)]
pub(super) struct Windows {
    held: Vec<u8>,
    base: usize,
    size: usize,
    overlap: usize,
}

impl Default for Windows {
    fn default() -> Self {
        Self::new(SIZE, OVERLAP)
    }
}

impl Windows {
    /// Windows of `size` bytes, which is more than `overlap`.
    pub(super) fn new(size: usize, overlap: usize) -> Self {
        Self {
            held: Vec::new(),
            base: 0,
            size,
            overlap,
        }
    }

    /// Takes the next bytes; each window that is full and not the last goes to `look`.
    pub(super) fn take(&mut self, mut bytes: &[u8], mut look: impl FnMut(Window<'_>)) {
        while !bytes.is_empty() {
            if self.held.len() >= self.size {
                let passed = self.held.len().saturating_sub(self.overlap);
                look(Window {
                    bytes: &self.held,
                    base: self.base,
                    own: self.base.saturating_add(passed),
                    last: false,
                });
                self.held.drain(..passed);
                self.base = self.base.saturating_add(passed);
            }
            let room = self.size.saturating_sub(self.held.len());
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            // All at once: a buffer that grows leaves holes in the heap.
            self.held.reserve_exact(room);
            self.held.extend_from_slice(now);
            bytes = later;
        }
    }

    /// The last window.
    pub(super) fn last(&self) -> Window<'_> {
        Window {
            bytes: &self.held,
            base: self.base,
            own: self.base.saturating_add(self.held.len()),
            last: true,
        }
    }
}

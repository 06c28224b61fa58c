//! The report: one versioned document about one image. Renderers are pure functions of it.

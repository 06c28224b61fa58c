//! The imgscan command line.

fn main() {}

//! scratch
use imgscan_core::{container, source};
#[allow(clippy::print_stdout)]
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let t: usize = std::env::var("T").map_or(2, |v| v.parse().unwrap_or(2));
    let o = container::OpenOptions {
        backing_dir: std::env::var_os("BD").map(Into::into),
        snapshot: std::env::var("SNAP").ok(),
    };
    match container::open(a[1].as_ref(), &o) {
        Ok(c) => {
            for w in &c.warnings {
                println!("warning {w}")
            }
            match source::digest(&*c.disk, t, &mut |_| ()) {
                Ok(d) => println!("{} {}", imgscan_core::bytes::hex(&d), c.disk.len()),
                Err(e) => println!("ERR {e}"),
            }
        }
        Err(e) => println!("OPEN ERR {e}"),
    }
}

//! Opens an image, looks into it, judges it and prints the report as JSON:
//! `cargo run --example scan -- IMAGE`.

#![allow(clippy::print_stdout, clippy::print_stderr)] // An example of a program.

use imgscan_core::evidence::windows::Datum;
use imgscan_core::guest::Family;
use imgscan_core::{Image, Lang, Policy, Result, ScanOptions, Verdict, report};

const VERSION: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";

fn judge(path: &str) -> Result<Verdict> {
    let image = Image::open(path)?;
    for volume in image.volumes() {
        eprintln!("{}: {} bytes", volume.volume.name, volume.volume.len);
    }
    for guest in image.guests() {
        match guest.family {
            Family::Windows => {
                if let Some(Datum::Text(name)) = image.registry_value(VERSION, "ProductName")? {
                    eprintln!("{name}");
                }
            }
            _ => eprintln!(
                "{}",
                String::from_utf8_lossy(&image.read("/etc/os-release")?)
            ),
        }
    }
    let options = ScanOptions::new(Policy::built_in("tencent-marketplace")?);
    let report = image.scan(&options)?;
    println!("{}", report::json(&report));
    Ok(report.verdict)
}

fn main() -> std::process::ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("scan IMAGE");
        return 2.into();
    };
    match judge(&path) {
        Ok(Verdict::Accept) => 0.into(),
        Ok(Verdict::Review) => 3.into(),
        Ok(_) => 1.into(),
        Err(e) => {
            eprintln!("{}", e.message(Lang::En));
            2.into()
        }
    }
}

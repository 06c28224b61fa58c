//! Walks a hive: keys, values and bytes of data, as benches/hivex_walk.c does with libhivex.
#![allow(clippy::print_stdout)]

use std::path::Path;
use std::sync::Arc;

use imgscan_core::error::{Error, Layer, Result};
use imgscan_core::hive::{Hive, Logs};
use imgscan_core::source::FileSource;

fn main() -> Result<()> {
    let Some(path) = std::env::args_os().nth(1) else {
        return Err(Error::not_found(
            Layer::Hive,
            imgscan_core::text::Text::verbatim("hive_walk HIVE"),
        ));
    };
    let file = Arc::new(FileSource::open(Path::new(&path))?);
    let hive = Hive::open(file, &Logs::default())?;
    let (mut keys, mut values, mut bytes) = (0usize, 0, 0);
    let damage = hive.walk(&hive.root()?, |visit| {
        keys += 1;
        for value in &visit.values.items {
            values += 1;
            bytes += value.stored()?.len();
        }
        match visit.values.damage.first() {
            Some(damage) => Err(damage.clone()),
            None => Ok(()),
        }
    })?;
    println!("{keys} keys, {values} values, {bytes} bytes");
    damage.into_iter().next().map_or(Ok(()), Err)
}

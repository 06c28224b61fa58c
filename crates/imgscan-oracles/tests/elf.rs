//! ELF files and PE images: the crate `object`.

#![allow(missing_docs, clippy::unwrap_used)]

use imgscan_core::elf::Elf;
use imgscan_core::fs::walk::{Step, Walk};
use imgscan_core::fs::{self, FileKind};
use imgscan_core::source::{MemorySource, read_all};
use imgscan_core::text::lossless;
use imgscan_core::trust::{bzimage, pe::Pe};
use imgscan_oracles::{
    Comparison, Facts, Fault, add, bytes, contained, each_file, each_image, sha256,
};
use object::elf::{FileHeader32, FileHeader64, SHT_NOBITS, SHT_NULL};
use object::read::coff::CoffHeader as _;
use object::read::elf::{FileHeader, SectionHeader, Sym};
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader, PeFile};
use object::{Endianness, LittleEndian};

const FAULTS: &[Fault] = &[];

#[test]
fn object_sees_the_same_sections_and_symbols_in_elf_files() {
    let mut all = Comparison::new("object 0.40 (ELF)", FAULTS);
    let mut take = |name: &str, bytes: &[u8]| {
        if bytes.starts_with(b"\x7fELF") {
            all.add(name, &our_elf(bytes), contained(|| their_elf(bytes)));
        }
    };
    // This test itself is one.
    let own = std::env::current_exe().and_then(std::fs::read).unwrap();
    take("this test", &own);
    let _ = each_file(&[], |name| {
        let bytes = bytes(name);
        take(name, &bytes);
        let kernel = bzimage::payload(&bytes).and_then(|p| p.unpack());
        take(&format!("{name} unpacked"), &kernel.unwrap_or_default());
    });
    let corpus = each_image(|image| {
        for volume in &image.table.volumes {
            let open = fs::open(volume);
            let Some(fs) = open.file_system() else {
                continue;
            };
            for step in Walk::new(fs.clone(), fs.root(), Vec::new()) {
                if let Step::Entry(entry) = step
                    && let Ok(meta) = &entry.metadata
                    && meta.kind == FileKind::Regular
                    && let Ok(file) = fs.open(meta.id)
                    && let Ok(bytes) = read_all(file.as_ref(), 16 << 20)
                {
                    take(&format!("{} {}", image.name, lossless(&entry.path)), &bytes);
                }
            }
        }
    });
    all.finish(corpus, 39);
}

#[test]
fn object_sees_the_same_sections_in_pe_images() {
    let mut all = Comparison::new("object 0.40 (PE)", FAULTS);
    let corpus = each_file(&["signed", "stamped"], |name| {
        let bytes = bytes(name);
        if bytes.starts_with(b"MZ") {
            all.add(name, &our_pe(&bytes), contained(|| their_pe(&bytes)));
        }
    });
    all.finish(corpus, 34);
}

fn our_elf(bytes: &[u8]) -> Facts {
    let mut facts = Facts::new();
    let elf = match Elf::parse(bytes) {
        Ok(elf) => elf,
        Err(e) => {
            add(&mut facts, "file".into(), &format!("unreadable: {e}"));
            return facts;
        }
    };
    let file = format!("type {} machine {}", elf.kind, elf.machine);
    add(&mut facts, "file".into(), &file);
    for (i, s) in elf.sections.iter().enumerate() {
        let fact = format!("{} type {} {}", lossless(s.name), s.kind, sha256(s.data));
        add(&mut facts, format!("section {i}"), &fact);
    }
    let symbols = elf.symbols().map(|s| (s.name, s.undefined));
    add(&mut facts, "symbols".into(), &symbols_text(symbols));
    facts
}

/// All symbols with a name, in their order: how many, and a digest of them.
fn symbols_text<'a>(symbols: impl Iterator<Item = (&'a [u8], bool)>) -> String {
    let (mut count, mut all) = (0, Vec::new());
    for (name, undefined) in symbols.filter(|s| !s.0.is_empty()) {
        count += 1;
        all.extend_from_slice(name);
        all.extend([0, u8::from(undefined)]);
    }
    format!("{count} {}", sha256(&all))
}

fn their_elf(bytes: &[u8]) -> Result<Facts, String> {
    match bytes.get(4) {
        Some(2) => by_header::<FileHeader64<Endianness>>(bytes),
        _ => by_header::<FileHeader32<Endianness>>(bytes),
    }
    .map_err(|e| e.to_string())
}

fn by_header<Elf: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> object::Result<Facts> {
    let mut facts = Facts::new();
    let header = Elf::parse(bytes)?;
    let endian = header.endian()?;
    let file = format!(
        "type {} machine {}",
        header.e_type(endian),
        header.e_machine(endian)
    );
    add(&mut facts, "file".into(), &file);
    let sections = header.sections(endian, bytes)?;
    for (i, s) in sections.iter().enumerate() {
        let kind = s.sh_type(endian);
        let data = match kind {
            SHT_NOBITS | SHT_NULL => &[][..],
            _ => s.data(endian, bytes)?,
        };
        let name = sections.section_name(endian, s)?;
        let fact = format!("{} type {kind} {}", lossless(name), sha256(data));
        add(&mut facts, format!("section {i}"), &fact);
    }
    let table = sections.symbols(endian, bytes, object::elf::SHT_SYMTAB)?;
    let mut symbols = Vec::new();
    for symbol in table.iter() {
        let name = table.symbol_name(endian, symbol)?;
        symbols.push((name, symbol.st_shndx(endian) == object::elf::SHN_UNDEF));
    }
    add(
        &mut facts,
        "symbols".into(),
        &symbols_text(symbols.into_iter()),
    );
    Ok(facts)
}

fn our_pe(bytes: &[u8]) -> Facts {
    let mut facts = Facts::new();
    let file = MemorySource(bytes.to_vec());
    let pe = match Pe::parse(&file) {
        Ok(pe) => pe,
        Err(e) => {
            add(&mut facts, "file".into(), &format!("unreadable: {e}"));
            return facts;
        }
    };
    let fact = format!("machine {:x} subsystem {}", pe.machine, pe.subsystem);
    add(
        &mut facts,
        "file".into(),
        &format!("{fact} 64 bits {}", pe.pe32_plus),
    );
    for (i, s) in pe.sections.iter().enumerate() {
        let fact = format!("{} {:?} of {}", s.name, s.file, s.virtual_size);
        add(&mut facts, format!("section {i}"), &fact);
    }
    let table = &pe.certificates;
    let table = if table.is_empty() {
        0..0
    } else {
        table.clone()
    };
    add(&mut facts, "certificates".into(), &format!("{table:?}"));
    facts
}

fn their_pe(bytes: &[u8]) -> Result<Facts, String> {
    use object::pe::{ImageNtHeaders32, ImageNtHeaders64};
    match object::read::pe::optional_header_magic(bytes) {
        Ok(object::pe::IMAGE_NT_OPTIONAL_HDR64_MAGIC) => by_nt::<ImageNtHeaders64>(bytes, true),
        _ => by_nt::<ImageNtHeaders32>(bytes, false),
    }
    .map_err(|e| e.to_string())
}

fn by_nt<Nt: ImageNtHeaders>(bytes: &[u8], wide: bool) -> object::Result<Facts> {
    let mut facts = Facts::new();
    let pe = PeFile::<Nt>::parse(bytes)?;
    let headers = pe.nt_headers();
    let fact = format!(
        "machine {:x} subsystem {} 64 bits {wide}",
        headers.file_header().machine.get(LittleEndian),
        headers.optional_header().subsystem()
    );
    add(&mut facts, "file".into(), &fact);
    let strings = headers.file_header().symbols(bytes).map(|s| s.strings());
    for (i, s) in pe.section_table().iter().enumerate() {
        let start = u64::from(s.pointer_to_raw_data.get(LittleEndian));
        let len = u64::from(s.size_of_raw_data.get(LittleEndian));
        let range = if len == 0 { 0..0 } else { start..start + len };
        let name = match &strings {
            Ok(strings) => s.name(*strings)?,
            Err(_) => s.raw_name(),
        };
        let size = s.virtual_size.get(LittleEndian);
        let fact = format!("{} {range:?} of {size}", lossless(name));
        add(&mut facts, format!("section {i}"), &fact);
    }
    // The place of this directory is one in the file.
    let table = pe.data_directory(object::pe::IMAGE_DIRECTORY_ENTRY_SECURITY);
    let table = table.map_or((0, 0), |d| d.address_range());
    let (start, len) = (u64::from(table.0), u64::from(table.1));
    let table = if len == 0 { 0..0 } else { start..start + len };
    add(&mut facts, "certificates".into(), &format!("{table:?}"));
    Ok(facts)
}

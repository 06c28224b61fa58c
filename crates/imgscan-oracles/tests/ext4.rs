//! ext2, ext3 and ext4: the crate `ext4`.

#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeSet;

use ext4::{Checksums, Enhanced, Inode, Options, SuperBlock};
use imgscan_oracles::{
    Comparison, Facts, Fault, add, contained, contents, each_volume, tree, whole,
};

const FAULTS: &[Fault] = &[
    Fault {
        why: "the journal is not replayed: what is shown was changed or deleted",
        at: &[
            ("testdata/ext/dirty.img.zst", "/*"),
            ("e2fsprogs/f_jnl_64bit.image.gz", "/*"),
            ("e2fsprogs/j_corrupt_journal_block.image.gz", "/a"),
            ("e2fsprogs/j_corrupt_revoke_csum.image.gz", "/a"),
        ],
    },
    Fault {
        why: "no block maps are read, only extents: of what has one, nothing is seen",
        at: &[
            ("testdata/ext/indirect.img.zst", "/*"),
            ("dfvfs/ext2.qcow2.zst", "/*"),
            ("dfvfs/ext2.raw.zst", "/*"),
            ("dfvfs/ext2.vhd.zst", "/*"),
            ("dfvfs/ext2.vmdk.zst", "/*"),
            ("dfvfs/gpt.raw.zst p1", "/*"),
            ("dfvfs/mbr.raw.zst p1", "/*"),
            ("e2fsprogs/f_bad_disconnected_inode.image.gz", "/*"),
            ("e2fsprogs/f_bad_local_jnl.image.gz", "/*"),
            ("e2fsprogs/f_badcluster.image.gz", "/d"),
            ("e2fsprogs/f_baddir2.image.gz", "/*"),
            ("e2fsprogs/f_badjourblks.image.gz", "/*"),
            ("e2fsprogs/f_badsymlinks.image.gz", "/*"),
            ("e2fsprogs/f_cloneblock_alloc_error.image.gz", "/*"),
            ("e2fsprogs/f_convert_bmap_and_extent.image.gz", "/*"),
            ("e2fsprogs/f_dup_de2.image.gz", "/*"),
            ("e2fsprogs/f_dupdot.image.gz", "/*"),
            ("e2fsprogs/f_ea_checks.image.gz", "/*"),
            ("e2fsprogs/f_emptydir.image.gz", "/mapdir/"),
            ("e2fsprogs/f_expand.image.gz", "/*"),
            ("e2fsprogs/f_ext_journal.image.gz", "/*"),
            ("e2fsprogs/f_extent_bad_node.image.gz", "/*"),
            ("e2fsprogs/f_extents2.image.gz", "/*"),
            ("e2fsprogs/f_fast_symlink_extents.image.gz", "/*"),
            ("e2fsprogs/f_filetype.image.gz", "/*"),
            ("e2fsprogs/f_full_bg.image.gz", "/*"),
            ("e2fsprogs/f_h_badroot.image.gz", "/*"),
            ("e2fsprogs/f_h_reindex.image.gz", "/*"),
            ("e2fsprogs/f_hugedir_blocks.image.gz", "/*"),
            ("e2fsprogs/f_illitable_flexbg.image.gz", "/*"),
            ("e2fsprogs/f_ind_inode_collision.image.gz", "/*"),
            ("e2fsprogs/f_inlinedata_flags.image.gz", "/*"),
            ("e2fsprogs/f_lpf2.image.gz", "/*"),
            ("e2fsprogs/f_miss_journal.image.gz", "/*"),
            ("e2fsprogs/f_orphan_dotdot_ft.image.gz", "/*"),
            ("e2fsprogs/f_orphan_indirect_inode.image.gz", "/*"),
            ("e2fsprogs/f_rehash_dir.image.gz", "/*"),
            ("e2fsprogs/f_salvage_dir.image.gz", "/*"),
            ("e2fsprogs/f_selinux.image.gz", "/*"),
            ("e2fsprogs/f_uninit_blk_used_not_set.image.gz", "/*"),
            ("e2fsprogs/f_uninit_checksum_bad.image.gz", "/*"),
            ("e2fsprogs/f_uninit_inode_past_unused.image.gz", "/*"),
            ("e2fsprogs/f_uninit_set_inode_not_set.image.gz", "/*"),
            ("e2fsprogs/f_unused_itable.image.gz", "/*"),
            ("e2fsprogs/r_inline_xattr.image.gz", "/*"),
            ("ext4-view/test_disk_ext2.bin.zst", "/*"),
            ("plaso/tsk_volume_system.raw.zst p5", "/*"),
            ("sleuthkit/image.vmdk.zst", "/*"),
            ("util-linux/ext2.img.xz", "/*"),
        ],
    },
    Fault {
        why: "features are refused: INLINE_DATA, META_BG, EA_INODE, ENCRYPT, CSUM_SEED, MMP, casefold",
        at: &[
            ("testdata/ext/small.img.zst", ""),
            ("e2fsprogs/f_bad_fname.image.gz", ""),
            ("e2fsprogs/f_dup_ba.image.gz", ""),
            ("e2fsprogs/f_ea_inode_self_ref.image.gz", ""),
            ("e2fsprogs/f_ea_unsigned_hash.image.gz", ""),
            ("e2fsprogs/f_idata_and_extents.image.gz", ""),
            ("e2fsprogs/f_inlinedir_detector.image.gz", ""),
            ("e2fsprogs/f_short_encrypted_dirent.image.gz", ""),
            ("e2fsprogs/f_trunc_dirent_header.image.gz", ""),
            ("e2fsprogs/f_write_ea_toobig_extra_isize.image.gz", ""),
            ("e2fsprogs/m_mmp_bad_csum.image.gz", ""),
            ("ext4-view/test_disk_4k_block_journal.bin.zst", ""),
        ],
    },
    Fault {
        why: "blocks of more than 4 KiB are refused",
        at: &[("e2fsprogs/f_16384_block.image.gz", "")],
    },
    Fault {
        why: "the first revision of ext2 is refused",
        at: &[
            ("e2fsprogs/f_badinode.image.gz", ""),
            ("e2fsprogs/f_badtable.image.gz", ""),
            ("e2fsprogs/f_dirlink.image.gz", ""),
            ("e2fsprogs/f_dup2.image.gz", ""),
            ("e2fsprogs/f_dupsuper.image.gz", ""),
            ("e2fsprogs/f_holedir.image.gz", ""),
            ("e2fsprogs/f_illibitmap.image.gz", ""),
            ("e2fsprogs/f_lotsbad.image.gz", ""),
            ("e2fsprogs/f_messy_inode.image.gz", ""),
            ("e2fsprogs/f_okgroup.image.gz", ""),
            ("e2fsprogs/f_preen.image.gz", ""),
            ("e2fsprogs/f_recnect_bad.image.gz", ""),
        ],
    },
    Fault {
        why: "a file system that was not unmounted is refused, also where its state says nothing",
        at: &[
            ("e2fsprogs/f_badprimary.image.gz", ""),
            ("e2fsprogs/f_bbfile.image.gz", ""),
            ("e2fsprogs/f_big_sparse.image.gz", ""),
            ("e2fsprogs/f_bitmaps.image.gz", ""),
            ("e2fsprogs/f_end-bitmap.image.gz", ""),
            ("e2fsprogs/f_itable_collision.image.gz", ""),
            ("e2fsprogs/f_mke2fs2b.image.gz", ""),
            ("e2fsprogs/f_noroot.image.gz", ""),
            ("e2fsprogs/f_uninit_disable.image.gz", ""),
        ],
    },
    Fault {
        why: "nothing is taken of a directory with a damaged block; imgscan gives the names that are left",
        at: &[
            ("e2fsprogs/f_corrupt_dirent_tail.image.gz", "/*"),
            ("e2fsprogs/f_dir_bad_csum.image.gz", "/*"),
            ("e2fsprogs/f_htree_bad_csum.image.gz", "/*"),
        ],
    },
    Fault {
        why: "a hole in a directory ends it",
        at: &[
            ("e2fsprogs/f_holedir3.image.gz", "/dir/*"),
            ("ext4-crate/f_holedir3.img.zst", "/dir/*"),
        ],
    },
    Fault {
        why: "a wrong number of free inodes, which nothing needs, makes it refuse all",
        at: &[
            ("e2fsprogs/f_summary_counts.image.gz", ""),
            ("e2fsprogs/f_yesall.image.gz", ""),
        ],
    },
    Fault {
        why: "an extended attribute of a kind that it does not know makes the file unreadable",
        at: &[("e2fsprogs/f_verity.image.gz", "/file")],
    },
    Fault {
        why: "a wrong size of inodes is not put right",
        at: &[("e2fsprogs/f_zero_inode_size.image.gz", "")],
    },
];

#[test]
fn ext4_sees_the_same_files() {
    let mut all = Comparison::new("ext4 0.9", FAULTS);
    let corpus = each_volume("ext", |name, volume| {
        let Some(fs) = volume.file_system() else {
            return;
        };
        let bytes = whole(&volume.volume.data);
        let theirs = contained(|| theirs(bytes.ok_or("it is too long for memory")?));
        all.add(name, &tree(fs, true), theirs);
    });
    all.finish(corpus, 127);
}

fn theirs(volume: Vec<u8>) -> Result<Facts, String> {
    // Checksums are looked at where there are any.
    let options = Options {
        checksums: Checksums::Enabled,
    };
    let fs = SuperBlock::new_with_options(volume, &options).map_err(|e| format!("{e:#}"))?;
    let mut facts = Facts::new();
    let root = fs.root().map_err(|e| format!("{e:#}"))?;
    list(&fs, &root, "", &mut BTreeSet::from([2]), &mut facts);
    Ok(facts)
}

fn list(
    fs: &SuperBlock<Vec<u8>>,
    dir: &Inode,
    path: &str,
    entered: &mut BTreeSet<u32>,
    facts: &mut Facts,
) {
    let mut entries = match fs.enhance(dir) {
        Ok(Enhanced::Directory(entries)) => entries,
        Ok(_) => return,
        Err(e) => return add(facts, format!("{path}/"), &format!("unreadable: {e:#}")),
    };
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    for entry in entries {
        if entry.name == "." || entry.name == ".." {
            continue;
        }
        let below = format!("{path}/{}", entry.name);
        let inode = match fs.load_inode(entry.inode) {
            Ok(inode) => inode,
            Err(e) => {
                add(facts, below, &format!("unreadable: {e:#}"));
                continue;
            }
        };
        let number = format!(" #{}", entry.inode);
        let fact = match inode.stat.extracted_type {
            ext4::FileType::Directory => "directory".into(),
            ext4::FileType::RegularFile => match fs.open(&inode) {
                Ok(mut file) => contents(inode.stat.size, &mut file),
                Err(e) => format!("unreadable: {e:#}"),
            },
            ext4::FileType::SymbolicLink => match fs.enhance(&inode) {
                Ok(Enhanced::SymbolicLink(target)) => format!("link to {target}"),
                Ok(_) => "unreadable".into(),
                Err(e) => format!("unreadable: {e:#}"),
            },
            _ => "special".into(),
        };
        let is_dir = fact == "directory";
        add(facts, below.clone(), &(fact + &number));
        if is_dir && entered.insert(entry.inode) {
            list(fs, &inode, &below, entered, facts);
        }
    }
}

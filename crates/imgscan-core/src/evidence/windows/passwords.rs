//! What passwords local users have: none, one of a list, or another. No password and no hash
//! leaves this module.
//!
//! The NT hash of a user (entry 14 of `V`) is encrypted with a key of the domain (`F` of
//! `Domains\Account`), and that with the boot key of the class names of four keys of the control
//! set. Both exist in two forms: RC4 with MD5, and AES-128-CBC since Windows 10 1607. None of it is
//! described by its maker; the facts are those that tools for it agree on, and the checksum of the
//! older form proves them on real hives.

use aes::cipher::{BlockCipherDecrypt as _, KeyInit as _};
use md4::Digest as _;
use rc4::StreamCipher as _;

use super::sam::{USER_DATA, field};
use super::{KeyAt, Windows, place};
use crate::bytes::{le16, le32};
use crate::error::{Error, Layer};
use crate::evidence::{Collected, Gap};
use crate::guest::windows::GuestHive;

/// Keys below `Control\Lsa` whose class names make the boot key.
const BOOT_KEYS: [&str; 4] = ["JD", "Skew1", "GBG", "Data"];
/// The order of its bytes.
const BOOT_ORDER: [usize; 16] = [8, 5, 4, 2, 11, 9, 13, 3, 0, 6, 1, 12, 14, 10, 15, 7];
/// Texts that the RC4 form hashes, with their final NUL.
const QWERTY: &[u8] = b"!@#$%^&*()qwertyUIOPAzxcvbnmQQQQQQQQQQQQ)(*@&%\0";
const DIGITS: &[u8] = b"0123456789012345678901234567890123456789\0";
const NT_PASSWORD: &[u8] = b"NTPASSWORD\0";
/// Where the key of the domain begins in `F`.
const DOMAIN_KEY: usize = 0x68;
/// Entry of the NT hash in `V`.
const NT_HASH: usize = 14 * 12;

/// What kind of password a user has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Password {
    /// None: the field is empty.
    Empty,
    /// One of the list.
    Listed,
    /// Another.
    Other,
}

/// A user's password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPassword {
    /// The user's RID.
    pub rid: u32,
    /// What it is.
    pub password: Password,
}

/// The passwords of all users, compared with `words`.
pub(super) fn collect(windows: &Windows<'_>, words: &[String]) -> Collected<UserPassword> {
    let mut out = Collected::default();
    let read = windows
        .sam()
        .and_then(|hive| users(windows, hive, words, &mut out));
    if let Err(gap) = read {
        out.gaps.push(gap);
    }
    out
}

fn users(
    windows: &Windows<'_>,
    hive: &GuestHive,
    words: &[String],
    out: &mut Collected<UserPassword>,
) -> Result<(), Gap> {
    let Some(root) = KeyAt::open(hive, r"SAM\Domains\Account\Users")? else {
        return Ok(());
    };
    let hashes: Vec<[u8; 16]> = words.iter().map(|w| nt_hash(w)).collect();
    let empty = nt_hash("");
    // The keys are needed only where a hash is stored at all.
    let mut domain: Option<Result<[u8; 16], Gap>> = None;
    for key in root.subkeys(&mut out.gaps) {
        let Ok(rid) = u32::from_str_radix(key.key.name(), 16) else {
            continue;
        };
        let record = match key.value("V", |v| v.bytes().map(Some)) {
            Ok(Some(record)) => record,
            Ok(None) => continue,
            Err(gap) => {
                out.gaps.push(gap);
                continue;
            }
        };
        let mut judge = || -> Result<Password, Gap> {
            let stored = stored(&record.fact).ok_or_else(|| key.gap(Some("V"), &odd(&key)))?;
            let Stored::Hash { form, salt, data } = stored else {
                return Ok(Password::Empty);
            };
            let secret = domain.get_or_insert_with(|| domain_key(windows, hive));
            let secret = secret.as_ref().map_err(Gap::clone)?;
            let hash = decrypted(form, secret, salt, data, rid)
                .ok_or_else(|| key.gap(Some("V"), &odd(&key)))?;
            Ok(match hash {
                hash if hash == empty => Password::Empty,
                hash if hashes.contains(&hash) => Password::Listed,
                _ => Password::Other,
            })
        };
        match judge() {
            Ok(password) => out.push(UserPassword { rid, password }, record.at),
            Err(gap) => out.gaps.push(gap),
        }
    }
    out.gaps.sort();
    out.gaps.dedup();
    Ok(())
}

fn odd(key: &KeyAt<'_>) -> Error {
    let what = say!(error_sam_hash);
    Error::unsupported(Layer::Hive, key.key.offset(), what)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Rc4,
    Aes,
}

enum Stored<'v> {
    None,
    Hash {
        form: Form,
        salt: &'v [u8],
        data: &'v [u8],
    },
}

/// The NT hash as `V` stores it: key id and revision (two bytes each), then in revision 1 the 16
/// bytes, in revision 2 an offset, a salt of 16 bytes and the encrypted blocks. Without a hash the
/// header stands alone, or nothing.
fn stored(v: &[u8]) -> Option<Stored<'_>> {
    let bytes = field(v, NT_HASH, USER_DATA)?;
    if bytes.is_empty() {
        return Some(Stored::None);
    }
    match (le16(bytes, 2)?, bytes.len()) {
        (1, 4) | (2, 24) => Some(Stored::None),
        (1, 20) => Some(Stored::Hash {
            form: Form::Rc4,
            salt: &[],
            data: bytes.get(4..)?,
        }),
        (2, 40..) => Some(Stored::Hash {
            form: Form::Aes,
            salt: bytes.get(8..24)?,
            data: bytes.get(24..)?,
        }),
        _ => None,
    }
}

fn decrypted(
    form: Form,
    secret: &[u8; 16],
    salt: &[u8],
    data: &[u8],
    rid: u32,
) -> Option<[u8; 16]> {
    let plain: [u8; 16] = match form {
        Form::Rc4 => {
            let key = md5(&[secret, &rid.to_le_bytes(), NT_PASSWORD]);
            rc4(&key, data)?.try_into().ok()?
        }
        Form::Aes => aes_cbc(secret, salt, data)?.get(..16)?.try_into().ok()?,
    };
    // Each half is encrypted with DES once more, under keys made of the RID.
    let rid = rid.to_le_bytes();
    let keys = [[0, 1, 2, 3, 0, 1, 2], [3, 0, 1, 2, 3, 0, 1]].map(|order| order.map(|i| rid[i]));
    let mut out = [0; 16];
    for ((key, from), to) in keys.iter().zip(plain.chunks(8)).zip(out.chunks_mut(8)) {
        let cipher = des::Des::new_from_slice(&des_key(key)).ok()?;
        let block: [u8; 8] = from.try_into().ok()?;
        let mut block = block.into();
        cipher.decrypt_block(&mut block);
        to.copy_from_slice(&block);
    }
    Some(out)
}

/// Seven bytes spread over eight, seven bits each above the parity bit, which DES ignores.
fn des_key(seven: &[u8; 7]) -> [u8; 8] {
    let bits = seven.iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
    std::array::from_fn(|i| {
        let seven_bits = bits >> (49 - 7 * i) & 0x7F;
        (seven_bits << 1) as u8
    })
}

/// The key of the domain, decrypted with the boot key.
fn domain_key(windows: &Windows<'_>, hive: &GuestHive) -> Result<[u8; 16], Gap> {
    let boot = boot_key(windows)?;
    let path = r"SAM\Domains\Account";
    let unknown = |at: Option<u64>| {
        let what = say!(error_sam_key);
        let error = Error::unsupported(Layer::Hive, at, what);
        Gap::new(place(hive, path, Some("F"), at), &error)
    };
    let Some(domain) = KeyAt::open(hive, path)? else {
        return Err(unknown(None));
    };
    let Some(f) = domain.value("F", |v| v.bytes().map(Some))? else {
        return Err(unknown(None));
    };
    unlocked(&f.fact, &boot).ok_or_else(|| unknown(f.at.offset))
}

fn unlocked(f: &[u8], boot: &[u8; 16]) -> Option<[u8; 16]> {
    let key = f.get(DOMAIN_KEY..)?;
    match le32(key, 0)? {
        // Revision, length, salt, key and checksum (16 bytes each).
        1 => {
            let salt = key.get(8..24)?;
            let secret = md5(&[salt, QWERTY, boot, DIGITS]);
            let plain = rc4(&secret, key.get(24..56)?)?;
            let (key, checksum) = plain.split_at_checked(16)?;
            let wanted = md5(&[key, DIGITS, key, QWERTY]);
            (checksum == wanted).then(|| key.try_into().ok())?
        }
        // Revision, length, length of the checksum, length of the data, salt, data.
        2 => {
            let len = usize::try_from(le32(key, 12)?).ok()?;
            let data = key.get(32..32_usize.checked_add(len)?)?;
            let plain = aes_cbc(boot, key.get(16..32)?, data)?;
            plain.get(..16)?.try_into().ok()
        }
        _ => None,
    }
}

/// The boot key; a gap where it is not in the registry (`SecureBoot` 2: a password typed at the
/// start, 3: a disk).
fn boot_key(windows: &Windows<'_>) -> Result<[u8; 16], Gap> {
    let system = windows.system()?;
    let lsa = format!(r"{}\Control\Lsa", windows.control_set()?.name);
    if let Some(key) = KeyAt::open(system, &lsa)?
        && let Some(mode) = key.number("SecureBoot")?
        && mode.fact > 1
    {
        let what = say!(error_boot_key_elsewhere, mode = mode.fact);
        let error = Error::unsupported(Layer::Hive, mode.at.offset, what);
        return Err(Gap::new(mode.at, &error));
    }
    let mut digits = String::new();
    for name in BOOT_KEYS {
        let path = format!(r"{lsa}\{name}");
        let key = KeyAt::open(system, &path)?;
        let class = match &key {
            Some(key) => key.key.class_name().map_err(|e| key.gap(None, &e))?,
            None => None,
        };
        digits.push_str(&class.unwrap_or_default());
    }
    let bytes: Option<Vec<u8>> = (0..digits.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(digits.get(i..i + 2)?, 16).ok())
        .collect();
    let key = bytes.filter(|b| b.len() == BOOT_ORDER.len());
    let key = key.map(|bytes| BOOT_ORDER.map(|i| bytes[i]));
    key.ok_or_else(|| {
        let what = say!(error_boot_key);
        Gap::new(
            place(system, &lsa, None, None),
            &Error::not_found(Layer::Hive, what),
        )
    })
}

/// MD4 of the password in UTF-16.
fn nt_hash(password: &str) -> [u8; 16] {
    let bytes: Vec<u8> = password.encode_utf16().flat_map(u16::to_le_bytes).collect();
    md4::Md4::digest(&bytes).into()
}

fn md5(parts: &[&[u8]]) -> [u8; 16] {
    let mut hasher = md5::Md5::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

fn rc4(key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let mut out = data.to_vec();
    let mut cipher = rc4::Rc4::new_from_slice(key).ok()?;
    cipher.try_apply_keystream(&mut out).ok()?;
    Some(out)
}

/// The whole blocks of `data`.
fn aes_cbc(key: &[u8; 16], iv: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let cipher = aes::Aes128::new_from_slice(key).ok()?;
    let mut before: [u8; 16] = iv.try_into().ok()?;
    let (blocks, _) = data.as_chunks::<16>();
    let mut out = Vec::with_capacity(data.len());
    for from in blocks {
        let mut block = (*from).into();
        cipher.decrypt_block(&mut block);
        out.extend(block.iter().zip(before).map(|(a, b)| a ^ b));
        before = *from;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::hex;

    #[test]
    fn hashes_and_ciphers_give_the_published_vectors() {
        // The NT hash of the empty password and of "password", as every tool prints them.
        assert_eq!(hex(&nt_hash("")), "31d6cfe0d16ae931b73c59d7e0c089c0");
        assert_eq!(
            hex(&nt_hash("password")),
            "8846f7eaee8fb117ad06bdd830b7586c"
        );
        // RFC 6229, key 0102030405.
        let stream = rc4(&[1, 2, 3, 4, 5], &[0; 8]).unwrap();
        assert_eq!(hex(&stream), "b2396305f03dc027");
        // SP 800-38A F.2.2, the first block.
        let key = [
            0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf,
            0x4f, 0x3c,
        ];
        let iv: [u8; 16] = std::array::from_fn(|i| i as u8);
        let data = [
            0x76, 0x49, 0xab, 0xac, 0x81, 0x19, 0xb2, 0x46, 0xce, 0xe9, 0x8e, 0x9b, 0x12, 0xe9,
            0x19, 0x7d,
        ];
        let plain = aes_cbc(&key, &iv, &data).unwrap();
        assert_eq!(hex(&plain), "6bc1bee22e409f96e93d7e117393172a");
    }
}

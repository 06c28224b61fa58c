//! Whether a password hash is that of the empty password: crypt(5).
//!
//! yescrypt and SHA-crypt are computed by the crates of RustCrypto, MD5-crypt (`$1$`) here, since
//! for the empty password it is a few lines. What costs more than logins usually do is not
//! computed.

use md5::{Digest as _, Md5};

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OfEmpty {
    Yes,
    No,
    /// Its parameters ask for more work than hashes of real systems do.
    TooCostly,
    /// A method that is not computed here.
    NotComputed,
}

/// Rounds of SHA-crypt that are computed; systems write none (5,000) or some 100,000.
const MAX_ROUNDS: u32 = 1_000_000;
/// Bytes of memory that yescrypt may ask for; systems write `j9T`, which takes 16 MiB.
const MAX_MEMORY: u64 = 64 << 20;

/// What [`of_empty`] costs: bytes of text that could be looked through in as long (measured: a million rounds
/// take 0.3 s, 16 MiB of memory 0.05 s).
pub(super) fn cost(field: &str) -> u64 {
    let parts: Vec<&str> = field.split('$').collect();
    match parts.as_slice() {
        ["", "5" | "6", rounds, _, _] => {
            let rounds = rounds.strip_prefix("rounds=").map(str::parse::<u32>);
            32 * u64::from(
                rounds
                    .and_then(Result::ok)
                    .unwrap_or_default()
                    .min(MAX_ROUNDS),
            )
        }
        ["", "y", setting, _, _] => {
            let params = setting.parse::<yescrypt::Params>();
            let memory = params
                .ok()
                .and_then(|p| p.n().checked_mul(u64::from(p.r()) * 128));
            memory.map_or(0, |memory| memory.min(MAX_MEMORY) / 2)
        }
        _ => 32 * 5000,
    }
}

pub(super) fn of_empty(field: &str) -> OfEmpty {
    let parts: Vec<&str> = field.split('$').collect();
    let equal = |hash: String, actual: &str| {
        if hash == actual {
            OfEmpty::Yes
        } else {
            OfEmpty::No
        }
    };
    match parts.as_slice() {
        ["", "1", salt, hash] => equal(md5_crypt(salt), hash),
        ["", "5", salt, hash] => equal(sha256(salt, sha_crypt::Params::default()), hash),
        ["", "6", salt, hash] => equal(sha512(salt, sha_crypt::Params::default()), hash),
        ["", kind @ ("5" | "6"), rounds, salt, hash] => {
            let Some(Ok(rounds)) = rounds.strip_prefix("rounds=").map(str::parse::<u32>) else {
                return OfEmpty::No;
            };
            if rounds > MAX_ROUNDS {
                return OfEmpty::TooCostly;
            }
            let Ok(params) = sha_crypt::Params::new(rounds) else {
                return OfEmpty::No;
            };
            let own = if *kind == "5" {
                sha256(salt, params)
            } else {
                sha512(salt, params)
            };
            equal(own, hash)
        }
        ["", "y", setting, salt, hash] => yescrypt(setting, salt, hash),
        _ => OfEmpty::NotComputed,
    }
}

fn yescrypt(setting: &str, salt: &str, hash: &str) -> OfEmpty {
    // Flavour, cost and block size; more asks for time or threads that no system uses.
    let Ok(params) = setting.parse::<yescrypt::Params>() else {
        return OfEmpty::NotComputed;
    };
    let memory = params.n().checked_mul(u64::from(params.r()) * 128);
    if setting.len() != 3 || memory.is_none_or(|m| m > MAX_MEMORY) {
        return OfEmpty::TooCostly;
    }
    let Some(salt) = decode(salt) else {
        return OfEmpty::No;
    };
    let mut out = [0; 32];
    match yescrypt::yescrypt(b"", &salt, &params, &mut out) {
        Ok(()) if encode(&out) == hash => OfEmpty::Yes,
        Ok(()) => OfEmpty::No,
        Err(_) => OfEmpty::NotComputed,
    }
}

/// At most 16 characters of a salt count.
fn short(salt: &str, most: usize) -> &[u8] {
    let bytes = salt.as_bytes();
    bytes.get(..most).unwrap_or(bytes)
}

/// The order in which SHA-crypt writes the bytes of its digest.
fn in_order(digest: &[u8], order: impl Iterator<Item = usize>) -> String {
    let bytes: Vec<u8> = order.filter_map(|i| digest.get(i).copied()).collect();
    encode(&bytes)
}

fn sha256(salt: &str, params: sha_crypt::Params) -> String {
    let digest = sha_crypt::sha256_crypt(b"", short(salt, 16), params);
    // Groups of three, each a step of 21 from the one before, in the range of 30; then two.
    let groups = (0..10).flat_map(|i| {
        let turn = |k: usize| (k + 21 * i) % 30;
        [turn(20), turn(10), turn(0)]
    });
    in_order(&digest, groups.chain([30, 31]))
}

fn sha512(salt: &str, params: sha_crypt::Params) -> String {
    let digest = sha_crypt::sha512_crypt(b"", short(salt, 16), params);
    let groups = (0..21).flat_map(|i| {
        let turn = |k: usize| (k + 22 * i) % 63;
        [turn(42), turn(21), turn(0)]
    });
    in_order(&digest, groups.chain([63]))
}

/// MD5-crypt of the empty password, of which most steps of the method leave nothing.
fn md5_crypt(salt: &str) -> String {
    let salt = short(salt, 8);
    let mut last: [u8; 16] = Md5::digest([b"$1$", salt].concat()).into();
    for i in 0..1000 {
        let mut next = Md5::new();
        if i % 2 == 0 {
            next.update(last);
        }
        if i % 3 != 0 {
            next.update(salt);
        }
        if i % 2 == 1 {
            next.update(last);
        }
        last = next.finalize().into();
    }
    let groups = [12, 6, 0, 13, 7, 1, 14, 8, 2, 15, 9, 3, 5, 10, 4, 11];
    in_order(&last, groups.into_iter())
}

const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Six bits a character, the lowest first.
fn encode(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let all = chunk.iter().rev().fold(0u32, |v, b| v << 8 | u32::from(*b));
        for i in 0..=chunk.len() {
            let at = (all >> (6 * i) & 63) as usize;
            out.push(ALPHABET.get(at).copied().map_or('.', char::from));
        }
    }
    out
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for chunk in text.as_bytes().chunks(4) {
        let mut all = 0u32;
        for (i, b) in chunk.iter().enumerate() {
            let value = ALPHABET.iter().position(|a| a == b)?;
            all |= u32::try_from(value).ok()? << (6 * i);
        }
        let whole = chunk.len().checked_sub(1)?;
        out.extend(all.to_le_bytes().into_iter().take(whole));
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_that_the_c_library_makes_of_the_empty_password() {
        // crypt(3) of libxcrypt 4.4.33, with "" and with "x".
        for (of, hash) in [
            (
                OfEmpty::Yes,
                "$6$ab12$ZaNqfzoi5xRBTYnU2DpkB3O5bBc8aP6lcL/HwzEJih35lFF.QWQ0o4O0IgQ7F.v/WmA6VW73Mly03fRiUVEET0",
            ),
            (
                OfEmpty::Yes,
                "$6$rounds=10000$saltstringsaltst$xuc/3ZHb0zTCjdaS/H9sWqIHQqdGImHveIs4HIMg.5dfNJpOYBI200IN9l6olHiR8.YI/P/Xe1hnfHOMI36.m0",
            ),
            (
                OfEmpty::Yes,
                "$5$ab12$8snOBRnzPe7NcTdP7nlm.AF3N8eW1ukjmhPxeAK6UR3",
            ),
            (OfEmpty::Yes, "$1$ab12$8VqIm3WA2dY.3D9hcp4KO0"),
            (
                OfEmpty::Yes,
                "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$5P1uc1zvKhieqEtKttbwCQrTPXpY1cK9wEnTDKAqLD8",
            ),
            (OfEmpty::No, "$1$ab12$KpzewUzIvlZT4uadlKq6./"),
            (
                OfEmpty::No,
                "$6$ab12$7X8148yKZbzXwTZYOrgOqpIwsc11eifMe7FcKoyTt3szmdmDRERmC68mUs1GZT5gFu7lQSWgfMZiuZdvlPSc1.",
            ),
            (
                OfEmpty::No,
                "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$6foLM1JhGupouWKMU70wxK61Kw9ZnecbACjJwRadqM2",
            ),
            (OfEmpty::TooCostly, "$6$rounds=999999999$ab12$x"),
            (OfEmpty::NotComputed, "$2b$12$abcdefghijklmnopqrstuv"),
        ] {
            assert_eq!(of_empty(hash), of, "{hash}");
        }
    }
}

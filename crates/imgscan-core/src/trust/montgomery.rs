//! Powers modulo an odd number by Montgomery's multiplication ("Modular multiplication without
//! trial division", 1985). For public numbers only: the time that it takes tells the operands.
//!
//! Numbers are limbs of 64 bits, the least significant first.

/// An odd modulus with what its multiplication needs. With L limbs, R is 2^(64·L).
#[derive(Debug)]
pub(super) struct Modulus {
    n: Vec<u64>,
    /// −1/n modulo 2^64.
    inverse: u64,
    /// R² modulo n.
    square: Vec<u64>,
}

fn low(x: u128) -> u64 {
    (x & u128::from(u64::MAX)) as u64
}

fn high(x: u128) -> u64 {
    (x >> 64) as u64
}

/// `a·b + c + d`, which never overflows.
fn fused(a: u64, b: u64, c: u64, d: u64) -> u128 {
    u128::from(a) * u128::from(b) + u128::from(c) + u128::from(d)
}

/// The limbs of the big-endian `bytes`, `len` of them; `None` where they do not fit.
fn limbs(bytes: &[u8], len: usize) -> Option<Vec<u64>> {
    let mut out: Vec<u64> = bytes
        .rchunks(8)
        .map(|c| c.iter().fold(0, |x, b| x << 8 | u64::from(*b)))
        .collect();
    let tail = out.split_off(len.min(out.len()));
    if tail.iter().any(|l| *l != 0) {
        return None;
    }
    out.resize(len, 0);
    Some(out)
}

/// Subtracts `n` from `x`, which has the further limb `top`, where it is not less.
fn reduce(x: &mut [u64], n: &[u64], top: u64) {
    if top == 0 && x.iter().rev().lt(n.iter().rev()) {
        return;
    }
    let mut borrow = false;
    for (x, n) in x.iter_mut().zip(n) {
        let (d, b1) = x.overflowing_sub(*n);
        let (d, b2) = d.overflowing_sub(u64::from(borrow));
        *x = d;
        borrow = b1 || b2;
    }
}

impl Modulus {
    /// `None` where the big-endian `modulus` is even, 1 or 0.
    pub(super) fn new(modulus: &[u8]) -> Option<Self> {
        let modulus = &modulus[modulus.iter().position(|b| *b != 0)?..];
        let n = limbs(modulus, modulus.len().div_ceil(8))?;
        let first = *n.first()?;
        if first % 2 == 0 || n == [1] {
            return None;
        }
        // Newton's iteration: an odd number is its own inverse modulo 8, and each step doubles
        // the bits that are right.
        let mut inverse = first;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(first.wrapping_mul(inverse)));
        }
        let mut this = Self {
            square: vec![0; n.len()],
            inverse: inverse.wrapping_neg(),
            n,
        };
        this.square = this.r_squared();
        Some(this)
    }

    fn r_squared(&self) -> Vec<u64> {
        let len = self.n.len();
        // The highest power of two that is not above n, doubled until it is 2·R modulo n.
        let zeros = self.n[len - 1].leading_zeros();
        let mut two = vec![0; len];
        two[len - 1] = 1 << (63 - zeros);
        for _ in 0..zeros + 2 {
            let mut carry = 0;
            for limb in &mut two {
                (*limb, carry) = (*limb << 1 | carry, *limb >> 63);
            }
            reduce(&mut two, &self.n, carry);
        }
        // 2 to the power 64·L.
        let exponent = 64 * len;
        let mut power = two.clone();
        let mut next = vec![0; len];
        for bit in (0..exponent.ilog2()).rev() {
            self.multiply(&power, &power, &mut next);
            std::mem::swap(&mut power, &mut next);
            if exponent >> bit & 1 == 1 {
                self.multiply(&power, &two, &mut next);
                std::mem::swap(&mut power, &mut next);
            }
        }
        power
    }

    /// `out` = a·b/R modulo n. Multiplication and reduction go side by side, so that their
    /// carries do not wait for each other.
    fn multiply(&self, a: &[u64], b: &[u64], out: &mut [u64]) {
        // The usual lengths as constants: the loops are then unrolled without checks.
        match self.n.len() {
            32 => self.multiply_fixed::<32>(a, b, out),
            48 => self.multiply_fixed::<48>(a, b, out),
            64 => self.multiply_fixed::<64>(a, b, out),
            _ => multiply(a, b, &self.n, self.inverse, out),
        }
    }

    fn multiply_fixed<const L: usize>(&self, a: &[u64], b: &[u64], out: &mut [u64]) {
        let fixed = |x: &[u64]| <[u64; L]>::try_from(x).unwrap_or([0; L]);
        let mut result = [0; L];
        multiply(
            &fixed(a),
            &fixed(b),
            &fixed(&self.n),
            self.inverse,
            &mut result,
        );
        out.copy_from_slice(&result);
    }

    /// `base` to the power `exponent`, which is odd and more than 1; big-endian, as long as the
    /// limbs of the modulus. `None` where `base` is not below the modulus.
    pub(super) fn power(&self, base: &[u8], exponent: u64) -> Option<Vec<u8>> {
        let len = self.n.len();
        let plain = limbs(base, len)?;
        if !plain.iter().rev().lt(self.n.iter().rev()) || exponent < 3 || exponent.is_multiple_of(2)
        {
            return None;
        }
        let mut base = vec![0; len];
        self.multiply(&plain, &self.square, &mut base);
        let mut power = base.clone();
        let mut next = vec![0; len];
        for bit in (0..exponent.ilog2()).rev() {
            self.multiply(&power, &power, &mut next);
            std::mem::swap(&mut power, &mut next);
            // The last factor is not in Montgomery's form, so neither is the result.
            let factor = if bit == 0 { &plain } else { &base };
            if exponent >> bit & 1 == 1 {
                self.multiply(&power, factor, &mut next);
                std::mem::swap(&mut power, &mut next);
            }
        }
        Some(power.iter().rev().flat_map(|l| l.to_be_bytes()).collect())
    }
}

/// `out` = a·b/R modulo n; all of one length, a and b below n.
#[inline(always)]
fn multiply(a: &[u64], b: &[u64], n: &[u64], inverse: u64, out: &mut [u64]) {
    let len = n.len();
    if len == 0 || a.len() != len || b.len() != len || out.len() != len {
        return;
    }
    out.fill(0);
    let mut top = 0;
    for x in a {
        let first = fused(*x, b[0], out[0], 0);
        let m = low(first).wrapping_mul(inverse);
        let mut carry = high(first);
        let mut carry_n = high(fused(m, n[0], low(first), 0));
        for j in 1..len {
            let p = fused(*x, b[j], out[j], carry);
            carry = high(p);
            let q = fused(m, n[j], low(p), carry_n);
            carry_n = high(q);
            out[j - 1] = low(q);
        }
        let sum = u128::from(top) + u128::from(carry) + u128::from(carry_n);
        out[len - 1] = low(sum);
        top = high(sum);
    }
    reduce(out, n, top);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn power(n: u128, base: u128, exponent: u64) -> Option<u128> {
        let got = Modulus::new(&n.to_be_bytes())?.power(&base.to_be_bytes(), exponent)?;
        Some(got.iter().fold(0, |x, b| x << 8 | u128::from(*b)))
    }

    #[test]
    fn powers_of_small_numbers_are_those_of_the_textbook() {
        // Computed with Python's pow().
        assert_eq!(power(97, 5, 3), Some(125 % 97));
        assert_eq!(power(3233, 65, 17), Some(2790));
        let mersenne = (1 << 127) - 1;
        let expected = 38_772_331_318_887_392_694_743_281_481_267_652_799;
        assert_eq!(power(mersenne, 3, (1 << 61) - 1), Some(expected));
        let n = u128::MAX - 0x9E;
        let expected = 51_850_824_232_155_353_145_330_625_140_821_051_887;
        assert_eq!(power(n, 12_345_678_901_234_567_890, 65_537), Some(expected));
        assert_eq!(power(n, n - 1, 65_537), Some(n - 1));
    }

    #[test]
    fn what_no_rsa_key_has_is_refused() {
        assert!(Modulus::new(&[]).is_none());
        assert!(Modulus::new(&[0, 1]).is_none());
        assert!(Modulus::new(&[4]).is_none());
        assert_eq!(power(97, 97, 3), None);
        assert_eq!(power(97, 1 << 64, 3), None);
        assert_eq!(power(97, 5, 2), None);
    }
}

//! Station policy.

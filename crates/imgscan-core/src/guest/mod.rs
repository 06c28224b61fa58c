//! Station guest.

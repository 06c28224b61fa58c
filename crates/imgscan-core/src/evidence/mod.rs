//! Station evidence.

"""The way out: nightly match files and what records that they arrived."""

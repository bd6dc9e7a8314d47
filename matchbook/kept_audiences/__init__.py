"""Audiences that are kept: saved in versions, refreshed on every build, told rounded."""

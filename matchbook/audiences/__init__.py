"""Audiences: a validated definition, compiled by one compiler to SQL over a client's snapshot."""

from __future__ import annotations

from matchbook.audiences.answers import (
    Estimate,
    Reasons,
    Size,
    Step,
    estimate,
    explain,
    funnel,
    members,
    size,
)
from matchbook.audiences.compiler import compile_audience, compile_box, compile_count
from matchbook.audiences.context import World
from matchbook.audiences.definition import Definition, of, read, write
from matchbook.audiences.query import Query

__all__ = [
    "Definition",
    "Estimate",
    "Query",
    "Reasons",
    "Size",
    "Step",
    "World",
    "compile_audience",
    "compile_box",
    "compile_count",
    "estimate",
    "explain",
    "funnel",
    "members",
    "of",
    "read",
    "size",
    "write",
]

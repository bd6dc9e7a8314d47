"""Which column of a customer's file is what, and which columns the hashed file gets."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from matchbook.crm_files import columns as landing
from matchbook.crm_files import personal_data
from matchbook.errors import ConfigError, InputRejected
from matchbook.normalisation import headers, profiles_of

RAW_FIELDS = ("email", "phone", "postal")
ADDRESS_FIELDS = ("country", "postcode", "house_number", "extension")
IDS = ("crm_record_id", "cep_contact_id")
FIELDS = (*IDS, *RAW_FIELDS, *ADDRESS_FIELDS)
"""What a column may be mapped to, beside `attribute` and `skip`."""

_FIELD_OF = {name: field for field, names in headers()["fields"].items() for name in names}
_HASHED = re.compile(headers()["hashed"])


@dataclass(frozen=True)
class Choice:
    """What the customer chose: columns by header (or #position), a default country, attributes."""

    region: str | None = None
    mapped: dict[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    mode: str = "opt-in"
    """As the file will be delivered: opt-outs are by record id, by identifier or by both."""


@dataclass(frozen=True)
class Columns:
    """Positions in the file by what stands there."""

    width: int
    fields: dict[str, tuple[int, ...]]
    """Field → its columns; only those that `headers` says may have several."""
    hashed: dict[str, int]
    """Columns that are hashed already, by their name."""
    attributes: dict[str, int]
    """Columns chosen as attributes, by their new name."""
    left_out: int
    """How many columns go nowhere."""

    @property
    def has_address(self) -> bool:
        """Whether addresses stand in columns of their own."""
        return "postcode" in self.fields and "house_number" in self.fields

    def header(self) -> list[str]:
        """The header of the hashed file."""
        ids = [name for name in IDS if name in self.fields]
        return [*ids, *(f"{t}_sha256_{p}" for t, p in self.written()), *self.hashed,
                *self.attributes]  # fmt: skip

    def is_hash(self, name: str) -> bool:
        """Whether a column of the hashed file holds hashes."""
        return name in self.hashed or name in {f"{t}_sha256_{p}" for t, p in self.written()}

    def written(self) -> list[tuple[str, str]]:
        """The hash columns to make: type and profile."""
        wanted = {t for t in RAW_FIELDS if t in self.fields} | (
            {"postal"} if self.has_address else set()
        )
        return [(t, profile) for t in RAW_FIELDS if t in wanted for profile in profiles_of(t)]


def read_columns(cells: list[str], choice: Choice) -> Columns:
    """What the header row says, the customer's choice first.

    Raises InputRejected when the file has no usable header, ConfigError when the choice does
    not fit it.
    """
    if len(cells) > landing.MAX_COLUMNS:
        raise _refused("too_many_columns", f"It has more than {landing.MAX_COLUMNS} columns.")
    if any(personal_data.looks_raw(cell) for cell in cells):
        raise _refused("header", "Its first row holds contact data instead of column names.")
    chosen = _chosen(cells, choice)
    names = [landing.normalised(cell) for cell in cells]
    meant = [chosen.get(i) or _recognised(name) for i, name in enumerate(names)]
    told = landing.found(cells, is_any_known=set(meant) - {"skip", "attribute"} != set())
    found = Columns(
        width=len(cells),
        fields=_fields(meant, told),
        hashed={names[i]: i for i, what in enumerate(meant) if what == "hashed"},
        attributes=_attributes(meant, names),
        left_out=meant.count("skip"),
    )
    if problem := _problem(found, is_opt_out=choice.mode == "opt-out"):
        raise _refused("header", f"{problem} {told}")
    return found


def _recognised(name: str) -> str:
    return "hashed" if _HASHED.fullmatch(name) else _FIELD_OF.get(name, "skip")


def _chosen(cells: list[str], choice: Choice) -> dict[int, str]:
    """Position → what the customer says it is."""
    wanted = {**dict.fromkeys(choice.kept, "attribute"), **choice.mapped}
    for what in wanted.values():
        if what not in (*FIELDS, "attribute", "skip"):
            raise _unfit("A column is mapped to a field that does not exist.", _KNOWN)
    return {_position(cells, name): what for name, what in wanted.items()}


def _position(cells: list[str], name: str) -> int:
    if re.fullmatch("#[0-9]{1,3}", name) and 0 < int(name[1:]) <= len(cells):
        return int(name[1:]) - 1
    trimmed = [cell.strip() for cell in cells]
    if name.strip() in trimmed:
        return trimmed.index(name.strip())
    alike = [landing.normalised(cell) for cell in cells]
    if landing.normalised(name) in alike and landing.normalised(name):
        return alike.index(landing.normalised(name))
    raise _unfit("A column that was named is not in the header.", "Name it as it stands there.")


def _fields(meant: list[str], told: str) -> dict[str, tuple[int, ...]]:
    found = {
        name: tuple(i for i, what in enumerate(meant) if what == name)
        for name in FIELDS
        if name in meant
    }
    for name, positions in found.items():
        if len(positions) > 1 and name not in headers()["several"]:
            where = ", ".join(str(i + 1) for i in positions)
            raise _refused("header", f"Columns {where} are all {name}. {told}")
    return found


def _attributes(meant: list[str], names: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for i in (i for i, what in enumerate(meant) if what == "attribute"):
        name = names[i][: landing.MAX_NAME_LENGTH].strip("_") or f"column_{i + 1}"
        if kind := personal_data.raw_kind(name):
            raise _unfit(
                f"Column {i + 1} announces {kind}, which leave no house unhashed.",
                "Leave it out of --keep, or map it to the field that it is.",
            )
        taken = name in found or name in _FIELD_OF or _HASHED.fullmatch(name)
        found[f"column_{i + 1}" if taken else name] = i
    return found


def _problem(columns: Columns, *, is_opt_out: bool) -> str:
    """Why the columns do not suffice; empty if they do."""
    has_id = "crm_record_id" in columns.fields
    has_identifier = columns.written() or columns.hashed or "cep_contact_id" in columns.fields
    if not has_id and not (is_opt_out and has_identifier):
        return "No column is recognised as the CRM record id."
    if not has_identifier and not is_opt_out:
        return "No column is recognised as e-mail, phone or address."
    made = {f"{t}_sha256_{p}" for t, p in columns.written()}
    return "A column is there both raw and hashed." if made & set(columns.hashed) else ""


_KNOWN = f"Fields are {', '.join(FIELDS)}; or attribute, or skip."


def _refused(reason: str, happened: str) -> InputRejected:
    return InputRejected(
        reason,
        f"The file cannot be hashed. {happened}",
        kept="Nothing was written.",
        todo="Say what a column is with --map HEADER=FIELD, or --map '#3=FIELD' by position.",
    )


def _unfit(happened: str, todo: str) -> ConfigError:
    return ConfigError(happened, kept="Nothing was written.", todo=todo)

"""Rows and attributes of CRM files: one outcome and one reason for each row."""

from __future__ import annotations

from hashlib import md5
from pathlib import Path

import pytest

from tests.crm_reading import A, attributes, hashes, read, records, rejects


class TestRows:
    """One outcome and one reason for each row."""

    def test_some_good_identifiers_keep_the_row(self, tmp_path: Path) -> None:
        text = (
            f"crm_record_id,email_sha256,phone_sha256\n1,{A},junk\n2,junk,{md5(b'a').hexdigest()}\n"
        )
        file, batches = read(tmp_path, text)
        assert records(batches) == [(2, "1", None)]
        assert rejects(batches) == [(3, "bad_hash")]
        assert file.cell_rejects == {"bad_hash": 1}

    def test_a_row_without_identifiers_still_has_attributes(self, tmp_path: Path) -> None:
        _, batches = read(tmp_path, "crm_record_id,email_sha256,tier\n1,,gold\n")
        assert attributes(batches) == {"tier": ["gold"]}

    @pytest.mark.parametrize("mode", ["opt-in", "replace"])
    def test_a_record_id_is_needed(self, tmp_path: Path, mode: str) -> None:
        _, batches = read(tmp_path, f"crm_record_id,email_sha256\n ,{A}\n", mode=mode)
        assert rejects(batches) == [(2, "missing_record_id")]

    def test_an_opt_out_may_name_an_identifier_only(self, tmp_path: Path) -> None:
        text = f"crm_record_id,email_sha256\n,{A}\n,\n,junk\n7,junk\n"
        _, batches = read(tmp_path, text, mode="opt-out")
        assert records(batches) == [(2, None, None), (5, "7", None)]
        assert rejects(batches) == [(3, "missing_record_id"), (4, "bad_hash")]
        _, batches = read(tmp_path, f"email_sha256\n{A}\n", mode="opt-out")
        assert hashes(batches) == {"email:default": [A]}

    @pytest.mark.parametrize("bad", ["0", "-1", "1.0", "x", str(2**63), "1e5", "007"])
    def test_contact_ids_are_positive_64_bit_numbers(self, tmp_path: Path, bad: str) -> None:
        good = 2**63 - 1
        _, batches = read(tmp_path, f"crm_record_id,cep_contact_id\n1,{good}\n2,{bad}\n3,\n")
        assert records(batches) == [(2, "1", good), (4, "3", None)]
        assert rejects(batches) == [(3, "bad_contact_id")]

    def test_record_ids_are_short_and_printable(self, tmp_path: Path) -> None:
        _, batches = read(tmp_path, f'crm_record_id,a\n{"x" * 201},1\n"a\tb",1\n')
        assert rejects(batches) == [(2, "bad_record_id"), (3, "bad_record_id")]

    def test_no_bare_hash_passes_as_an_id_or_attribute(self, tmp_path: Path) -> None:
        file, batches = read(tmp_path, f"crm_record_id,note\n{A},x\n1,{A.upper()}\n")
        assert rejects(batches) == [(2, "bad_record_id")]
        assert attributes(batches) == {"note": []}
        assert file.cell_rejects == {"hash_in_attribute": 1}

    def test_lines_are_rows_and_numbers_are_physical(self, tmp_path: Path) -> None:
        text = '\n\ncrm_record_id,note\r\n1,"two\r\nlines"\r\n\r\n  \r\n2,a,b\r\n3\r\n4,x"y\r\n5,z'
        file, batches = read(tmp_path, text)
        assert records(batches) == [(4, "1", None), (10, "4", None), (11, "5", None)]
        assert rejects(batches) == [(8, "columns"), (9, "columns")]
        assert file.lines == 5
        assert not file.ends_with_newline
        assert file.content_bytes == len(text)

    def test_broken_quoting_costs_one_row(self, tmp_path: Path) -> None:
        _, batches = read(tmp_path, 'crm_record_id,note\n1,"a"b\n2,"c"\n3,d\re\n4,f\n')
        assert rejects(batches) == [(2, "quote"), (4, "control_char")]
        assert [record for _, record, _ in records(batches)] == ["2", "4"]

    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_delimiters_are_told_apart(self, tmp_path: Path, delimiter: str) -> None:
        rows = [["crm_record_id", "email_sha256", "tier"], ["1", A, "gold"]]
        text = "\ufeff" + "\n".join(delimiter.join(row) for row in rows)
        assert hashes(read(tmp_path, text)[1]) == {"email:default": [A]}


class TestAttributes:
    """Names in snake case, one type a column."""

    def test_types_fit_every_value(self, tmp_path: Path) -> None:
        text = (
            "crm_record_id,spend,joined,VIP member,code,mixed,nothing\n"
            "1,12.50,2024-02-29,yes,007,1,\n2,-3,2025-01-01,No,010,x,\n"
        )
        file, batches = read(tmp_path, text)
        assert file.attribute_types == {
            "spend": "number", "joined": "date", "vip_member": "boolean", "code": "text",
            "mixed": "text", "nothing": "text",
        }  # fmt: skip
        assert attributes(batches)["nothing"] == []

    def test_a_date_that_does_not_exist_is_text(self, tmp_path: Path) -> None:
        file, _ = read(tmp_path, "crm_record_id,joined\n1,2025-02-29\n")
        assert file.attribute_types == {"joined": "text"}

    def test_names_without_a_letter_get_their_position(self, tmp_path: Path) -> None:
        file, _ = read(tmp_path, "crm_record_id,,😀,Größe (m²)\n1,a,b,c\n")
        assert list(file.attribute_types) == ["column_2", "column_3", "groe_m2"]

    def test_very_long_values_are_left_out(self, tmp_path: Path) -> None:
        file, batches = read(tmp_path, f"crm_record_id,note\n1,{'x' * 1001}\n")
        assert attributes(batches) == {"note": []}
        assert file.cell_rejects == {"too_long": 1}

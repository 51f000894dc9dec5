"""CSV: columns become fields, by their names or by a mapping; a broken row costs nobody else's."""

from __future__ import annotations

import pytest

from contacts.models import Contact
from imports.columns import guess, mapped
from imports.errors import UnreadableFile
from imports.lines import lines
from imports.options import Options
from imports.previewing import choose, preview
from imports.rows import Row, csv_rows
from tests.imports.files import counts, imported, received
from tests.imports.test_importing import rejected
from tests.registry import source

HEADER = "Source,Key,Given name,Surname,E-Mail,Telephone,Street,Town,State,Postcode,Shoe size\n"
SYLVIA = "CRM,1,Sylvia,Abernathy,sylvia@example.org,2148675309,12 Oak Avenue,Dallas,Texas,75201,38\n"


def rows(text: str | bytes) -> list[Row]:
    return list(csv_rows(lines([text.encode() if isinstance(text, str) else text]), ","))


@pytest.mark.django_db
def test_columns_are_known_by_their_names_and_the_others_are_kept() -> None:
    done = imported((HEADER + SYLVIA).encode(), "people.csv")
    assert counts(done) == {"records": 1, "created": 1}
    contact = Contact.objects.get()
    assert (contact.first_name, contact.email, contact.street, contact.state) == (
        "Sylvia",
        "sylvia@example.org",
        "12 Oak AVE",
        "TX",
    )
    assert contact.original_payload["columns"] == {"Shoe size": "38"}
    assert contact.original_payload["first_name"] == "Sylvia"


@pytest.mark.django_db
def test_a_mapping_has_the_last_word() -> None:
    content = b"who;id;given name\nAbernathy;7;Sylvia\n"
    done = imported(content, "people.csv", mapping={"who": "last_name", "given name": ""}, source=source("CRM"))
    assert counts(done) == {"records": 1, "created": 1}
    contact = Contact.objects.get()
    assert (contact.source_key, contact.first_name, contact.last_name) == ("7", "", "Abernathy")
    assert contact.original_payload["columns"] == {"given name": "Sylvia"}


@pytest.mark.django_db
def test_a_source_of_truth_is_true_in_words_only() -> None:
    head = b"source_system,source_key,last_name,source_of_truth\n"
    imported(head + b"CRM,1,Abernathy,TRUE\nCRM,2,Quigley,1\n", "people.csv")
    assert list(Contact.objects.order_by("source_key").values_list("source_of_truth", flat=True)) == [True, False]


@pytest.mark.django_db
def test_rows_of_other_lengths_are_rejected_and_cost_nobody_elses() -> None:
    done = imported((HEADER + "CRM,0\n" + SYLVIA).encode(), "people.csv")
    assert rejected(done) == [(2, ["the row has 2 columns, the header has 11"])]
    assert counts(done)["created"] == 1


@pytest.mark.django_db
def test_one_file_is_looked_at_before_it_is_let_in_and_read_in_another_way() -> None:
    waiting = received(b"id,who,mail\n7,Abernathy,x\n8,Quigley,q@example.org\n", "people.csv", source=source("CRM"))
    first, _ = preview(waiting).rows
    assert first.errors == ["at least one of first_name, last_name, email, phone or address is required"]
    chosen = choose(waiting, Options(mapping={"mail": "email", "who": "last_name"}, source=source("CRM")))
    shown = preview(chosen)
    first, second = shown.rows
    assert (first.line, first.raw, first.errors) == (2, "7,Abernathy,x", ["email format is invalid"])
    assert second.record is not None
    assert second.record.facts.last_name == "Quigley"
    assert shown.columns == [("id", "source_key"), ("who", "last_name"), ("mail", "email")]


@pytest.mark.django_db
def test_a_doubled_column_is_refused() -> None:
    with pytest.raises(UnreadableFile):
        received(b"email,email\n", "people.csv")


def test_two_columns_of_one_meaning_are_the_first_ones() -> None:
    assert guess(["phone", "mobile"]) == [("phone", "phone"), ("mobile", None)]
    columns, errors = mapped(["phone", "mobile"], {"mobile": "phone"})
    assert (columns, errors) == ([("phone", None), ("mobile", "phone")], [])
    assert mapped(["a", "b"], {"a": "email", "b": "email"})[1] == ["more than one column is mapped to email"]


def test_quoted_cells_hold_line_ends_and_rows_know_their_lines() -> None:
    first, second, third = rows('a,"b\nc"\n\nd,"e ""f"""\ng,h')
    assert (first.line, first.last, first.cells, first.raw) == (1, 2, ["a", "b\nc"], b'a,"b\nc"')
    assert (second.line, second.cells) == (4, ["d", 'e "f"'])
    assert (third.line, third.cells) == (5, ["g", "h"])


def test_the_sizes_of_the_rows_are_that_of_the_file() -> None:
    text = 'a,"b\nc"\n\nd,"e ""f"""\r\ng,h\n'
    assert sum(row.size for row in rows(text)) == len(text)


def test_a_quote_that_is_never_closed_costs_one_line() -> None:
    found = rows('a,"b\nc,d\ne,f\n')
    assert [row.fault for row in found] == ["the row is no CSV: unexpected end of data", "", ""]
    assert [row.line for row in found] == [1, 2, 3]
    assert sum(row.size for row in found) == len('a,"b\nc,d\ne,f\n')


def test_bytes_that_are_no_text_are_a_fault_of_their_row() -> None:
    found = rows(b"a,b\n\xff,d\ne,f\n")
    assert [row.fault for row in found] == ["", "the line is not UTF-8", ""]

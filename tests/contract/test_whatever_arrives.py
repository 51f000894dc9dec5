"""Bytes that are no request, at every door: a clear 4xx, nothing written, never a 500."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from django.test import Client, RequestFactory

from contacts.models import Contact
from identity.api.parsing import MAX_BODY_BYTES
from identity.wsgi import application
from tests.contract.one_connection import without_closing_connections
from tests.contract.registry_caller import Registry

BODIES: list[tuple[bytes, int]] = [
    (b"", 400),
    (b"{", 400),
    (b"nonsense", 400),
    (b"null", 400),
    (b"[]", 400),
    (b'"text"', 400),
    (b"12", 400),
    (b"true", 400),
    (b"\xff\xfe\x00", 400),
    (b"\xed\xa0\x80", 400),
    (b'{"first_name": NaN}', 400),
    (b'{"first_name": -Infinity}', 400),
    (b'{"first_name": 1e999}', 400),
    (b'{"first_name": ' + b"9" * 5000 + b"}", 400),
    (b'{"note": ' + b"9" * 4000 + b"}", 400),
    (b'{"first_name": "\\ud800"}', 400),
    (b'{"first_name": "\\u0000"}', 400),
    (b'{"\\u0000": 1}', 400),
    (b'{"first_name": "A", "first_name": "A"}', 400),
    (b'{"address": {"zip": "1", "zip": "2"}}', 400),
    (b"[" * 100_000, 400),
    (b'{"a":' * 5000 + b"1" + b"}" * 5000, 400),
    (b'{"a":"' + b"x" * MAX_BODY_BYTES + b'"}', 413),
]


@pytest.mark.parametrize(("raw", "status"), BODIES, ids=lambda value: repr(value)[:40])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/customers"),
        ("POST", "/match"),
        ("PUT", "/customers/{id}"),
        ("PATCH", "/customers/{id}"),
        ("POST", "/customers/{id}/split"),
    ],
)
def test_it_answers_any_body(registry: Registry, method: str, path: str, raw: bytes, status: int) -> None:
    known = registry.created()
    headers = {**registry.headers, "x-source-system": "CRM"}
    path = path.format(id=known["id"])
    answer = registry.client.generic(method, path, raw, content_type="application/json", headers=headers)
    if (method, raw) == ("PUT", b""):
        status = 200  # an empty body changes nothing
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/json"
    assert Contact.objects.count() == 1


@pytest.mark.parametrize("path", ["/customers", "/match", "/identify", "/contacts/identify", "/sources"])
@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b'{"email": "a@example.org", "email": "b@example.org"}', "email"),
        (b'{"email": "a@example.org", "x": [{"zip": 1, "city": 2, "zip": 3}]}', "zip"),
        (b'{"e\\u006dail": 1, "email": 2}', "email"),
        (b'{"\\ud800": 1, "\\ud800": 2}', "\\ud800"),
    ],
)
def test_a_name_that_an_object_has_twice_is_told(registry: Registry, path: str, raw: bytes, name: str) -> None:
    answer = registry.client.generic("POST", path, raw, "application/json", headers=registry.headers)
    assert answer.status_code == 400
    assert answer.json() == {"errors": [f"body names '{name}' twice in one object"]}
    assert not Contact.objects.exists()


def test_many_names_are_looked_through_once(registry: Registry) -> None:
    names = [f'"{number}":1' for number in range(90_000)]
    raw = ("{" + ",".join([*names, names[-1]]) + "}").encode()
    answer = registry.client.generic("POST", "/customers", raw, "application/json", headers=registry.headers)
    assert answer.json() == {"errors": ["body names '89999' twice in one object"]}


def test_it_keeps_what_can_be_kept(registry: Registry) -> None:
    odd = {"big": 2**70, "float": 1.5, "text": "é 🙂", "list": [None, True, {}], "": "empty name"}
    sent = registry.record(note=odd)
    customer = registry.post("/customers", sent).json()["id"]
    answer = registry.get(f"/customers/{customer}?show=aliases")
    assert json.loads(answer.content)["aliases"][0]["original_payload"] == sent


def test_it_skips_a_byte_order_mark(registry: Registry) -> None:
    raw = b"\xef\xbb\xbf" + json.dumps(registry.record()).encode()
    answer = registry.client.generic("POST", "/customers", raw, "application/json", headers=registry.headers)
    assert answer.status_code == 201


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data"])
def test_it_takes_json_only(registry: Registry, content_type: str) -> None:
    raw = json.dumps(registry.record())
    answer = registry.client.generic("POST", "/customers", raw, content_type, headers=registry.headers)
    assert (answer.status_code, list(answer.json())) == (415, ["error"])


@pytest.mark.parametrize("content_type", ["", "application/json; charset=utf-8", "APPLICATION/JSON"])
def test_it_recognises_json(registry: Registry, content_type: str) -> None:
    raw = json.dumps(registry.record())
    answer = registry.client.generic("POST", "/customers", raw, content_type, headers=registry.headers)
    assert answer.status_code == 201


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense", "*/*;q=0"])
def test_it_answers_in_json_whatever_is_accepted(registry: Registry, accept: str) -> None:
    answer = registry.get("/customers", accept=accept)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "OPTIONS", "TRACE", "NONSENSE"])
def test_it_refuses_other_methods(registry: Registry, method: str) -> None:
    answer = registry(method, "/customers")
    assert answer.status_code == 405
    assert answer["Allow"] == "GET, POST, HEAD"
    assert list(answer.json()) == ["error"]


@pytest.mark.parametrize(
    "path",
    [
        "/customers?source_system=%00",
        "/customers/search?q=%00ab",
        "/customers?first_name=a%00",
        "/customers/%00/aliases",
        "/customers/%ed%a0%80",
        "/customers/%ff?source_system=%ff",
        "/customers?last_name=%ed%a0%80",
        "/customers?email=" + "x" * 5000,
        "/customers/search?q=" + "y " * 2000,
        "/merges/" + "9" * 5000,
        "/merges/9223372036854775808",
        "/merges/٣",
        "/match-quality/feedback/1/2",
        "/customers/a%2Fb",
    ],
)
def test_it_answers_any_address(registry: Registry, path: str) -> None:
    answer = registry.get(path)
    assert answer.status_code in (200, 400, 404), answer.content
    assert answer["Content-Type"] == "application/json"


@pytest.mark.parametrize("value", ["\0", "x" * 201, "a\0b"])
@pytest.mark.parametrize("name", ["x-user-id", "x-source-system", "x-source-key"])
def test_it_refuses_headers_it_cannot_keep(registry: Registry, name: str, value: str) -> None:
    known = registry.created()
    headers = {**registry.headers, "x-source-system": "CRM", name: value}
    answer = registry.client.put(f"/customers/{known['id']}", "{}", content_type="application/json", headers=headers)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


def test_it_reads_headers_as_utf_8(registry: Registry) -> None:
    answer = registry.post("/customers", registry.record(), x_user_id="Žofie".encode().decode("latin-1"))
    assert answer.json()["created_by"] == "Žofie"


def test_it_says_that_nothing_is_there(db: None) -> None:
    answer = Client().get("/no/such/address")
    assert (answer.status_code, answer.json()) == (404, {"error": "Not found"})


def test_it_tells_pages_from_programs(db: None, client: Client) -> None:
    answer = client.get("/no/such/address", headers={"accept": "text/html,*/*"})
    assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (404, "text/html")


def test_it_answers_a_foreign_host_in_json(db: None) -> None:
    answer = Client(headers={"host": "evil.example"}).get("/customers")
    assert answer.status_code == 400


def test_it_says_in_json_that_something_broke(registry: Registry, monkeypatch: Any) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("identity.api.registry.customers.page_of", broken)
    registry.client.raise_request_exception = False
    answer = registry.get("/customers")
    assert (answer.status_code, answer.json()) == (500, {"error": "Internal server error"})


@pytest.mark.parametrize(("size", "status"), [(0, 201), (2 * MAX_BODY_BYTES, 413)])
def test_it_reads_a_body_sent_in_chunks(registry: Registry, size: int, status: int) -> None:
    raw = json.dumps(registry.record(note="x" * size)).encode()
    answered: list[str] = []
    environ = {
        **RequestFactory().generic("POST", "/customers", raw, "application/json", headers=registry.headers).environ,
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input": BytesIO(raw),
        "wsgi.input_terminated": True,
    }
    del environ["CONTENT_LENGTH"]
    with without_closing_connections():
        body = b"".join(application(environ, lambda status, headers: answered.append(status)))
    assert answered[0].startswith(str(status)), body

"""The short way of programs' requests: nobody can tell by an answer which way it came."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.signals import request_finished
from django.test import RequestFactory

from identity.wsgi import application
from tests.contract.one_connection import without_closing_connections
from tests.identity.api.callers import Api, operator, with_key

pytestmark = pytest.mark.django_db

NOBODY = "/customers/01890000-0000-7000-8000-000000000001"
SHORT = [
    ("GET", "/customers", None, 200),
    ("GET", "/customers/", None, 200),
    ("HEAD", "/customers", None, 200),
    ("GET", NOBODY, None, 404),
    ("DELETE", "/customers", None, 405),
    ("OPTIONS", "/customers", None, 405),
    ("POST", "/identify", {}, 400),
    ("POST", "/identify", {"email": "ada@example.org"}, 200),
    ("POST", "/contacts/identify", {"EmailAddress": "ada@example.org"}, 200),
    ("GET", "/exports/customers", None, 200),
    ("GET", "/health", None, 200),
]


def both(api: Api, method: str, path: str, body: Any = None, **headers: str) -> tuple[Any, Any]:
    """The answers to a program without a cookie, and to one that sends a useless one."""
    return api(method, path, body, **headers), api(method, path, body, cookie="theme=dark", **headers)


def told(answer: Any) -> tuple[int, dict[str, str]]:
    answer.getvalue()  # to its end, where it is streamed
    return answer.status_code, {name.lower(): value for name, value in answer.items()}


def is_short(answer: Any) -> bool:
    return not hasattr(answer.wsgi_request, "session")


@pytest.mark.parametrize(("method", "path", "body", "status"), SHORT)
def test_both_ways_have_the_same_headers(method: str, path: str, body: Any, status: int) -> None:
    api = operator()
    told(api(method, path, body))  # what is written is written here
    short, long = both(api, method, path, body)
    assert (is_short(short), is_short(long)) == (True, False)
    assert told(short)[0] == status
    assert told(short) == told(long)


@pytest.mark.parametrize("path", ["/customers", "/identify"])
def test_both_ways_refuse_strangers_alike(path: str) -> None:
    short, long = both(Api(), "POST", path, {})
    assert (is_short(short), short.status_code) == (True, 401)
    assert told(short) == told(long)


@pytest.mark.parametrize(("path", "status"), [("/", 302), ("/nowhere", 404), ("/console/", 302), ("/api-docs", 200)])
def test_pages_go_the_long_way(path: str, status: int) -> None:
    answer = Api().get(path)
    assert (is_short(answer), answer.status_code) == (False, status)


def test_both_ways_tell_browsers_to_stay_with_tls(settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS, settings.SECURE_PROXY_SSL_HEADER = 60, ("HTTP_X_FORWARDED_PROTO", "https")
    for scheme, seconds in (("https", "max-age=60"), ("http", None)):
        short, long = both(with_key(), "GET", "/customers", x_forwarded_proto=scheme)
        assert is_short(short)
        assert told(short) == told(long)
        assert short.get("Strict-Transport-Security") == seconds


def test_both_ways_lead_to_tls(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_REDIRECT_EXEMPT = True, ["^health$"]
    short, long = both(with_key(), "GET", "/customers")
    assert told(short) == told(long)
    assert (short.status_code, short["Location"]) == (301, "https://testserver/customers")
    assert with_key().get("/health").status_code == 200


def test_both_ways_refuse_unknown_hosts_however_often_they_are_known(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["registry.example.org"]
    api = with_key()
    for host, status in [("registry.example.org", 200), ("elsewhere.example.org", 400)] * 2:
        assert api.get("/health", host=host).status_code == 200
        short, long = both(api, "GET", "/customers", host=host)
        assert told(short) == told(long)
        assert short.status_code == status


def test_both_ways_survive_what_nobody_foresaw(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("identity.api.registry.customers.page_of", broken)
    api = with_key()
    api.client.raise_request_exception = False
    short, long = both(api, "GET", "/customers")
    assert is_short(short)
    assert told(short) == told(long)
    assert (short.status_code, short.json()) == (500, {"error": "Internal server error"})


def test_what_is_there_as_a_whole_is_handed_over_as_such_and_let_go_of() -> None:
    ended: list[int] = []

    def one_more(**_: Any) -> None:
        ended.append(1)

    request_finished.connect(one_more)
    assert asked_of_the_application("/health") == [b'{"status":"ok"}']
    assert len(ended) == 1
    piecemeal = asked_of_the_application("/exports/customers")
    assert piecemeal.streaming
    assert len(ended) == 1
    with without_closing_connections():
        piecemeal.close()
    assert len(ended) == 2


def asked_of_the_application(path: str) -> Any:
    environ = RequestFactory().get(path, headers=operator().headers).environ
    with without_closing_connections():
        return application(environ, lambda status, headers: None)

"""A guide's worked examples, read from its page: shell blocks, each curl followed by the answer it gets."""

from __future__ import annotations

import http.client
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_VARIABLE = re.compile(r"\$\{?([A-Z][A-Z_]*)\}?")
_ASSIGNMENT = re.compile(r"([A-Z][A-Z_]*)=(.*)", re.DOTALL)
_ELIDED = re.compile(r"(?<=[\[{,])(\s*)…(?=\s*([\]}]))")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language, its text, and the line of the page it begins at."""

    language: str
    text: str
    line: int


@dataclass(slots=True)
class Request:
    """What a curl line sends."""

    method: str
    address: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None

    def send(self) -> Answer:
        target = urlsplit(self.address)
        connection = http.client.HTTPConnection(target.netloc, timeout=30)
        path = f"{target.path}?{target.query}" if target.query else target.path
        connection.request(self.method, path, self.body, self.headers)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return Answer(response.status, dict(response.getheaders()), json.loads(text))


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back, or what the page says that comes back. In the latter `…` leaves out the rest of an object."""

    status: int
    headers: Mapping[str, str]
    body: Any


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text()
    for found in _BLOCK.finditer(text):
        yield Block(found[1], found[2], text.count("\n", 0, found.start()) + 1)


def statements(block: Block) -> Iterator[str]:
    """The block's commands, each in one piece however many lines it takes; comments and blank lines left out."""
    pending = ""
    for line in block.text.splitlines():
        pending = f"{pending}\n{line}" if pending else line
        if pending.endswith("\\") or not _quotes_are_closed(pending):
            continue
        if words(pending):
            yield pending
        pending = ""
    assert not pending, f"line {block.line}: a command without an end"


def _quotes_are_closed(text: str) -> bool:
    try:
        words(text)
    except ValueError:
        return False
    return True


def words(text: str) -> list[str]:
    return shlex.split(text.replace("\\\n", " "), comments=True)


def assignment(statement: str) -> tuple[str, str] | None:
    """The name and the value of `NAME=value`, where the statement is one."""
    found = _ASSIGNMENT.fullmatch(statement.partition("  #")[0].strip().removeprefix("export "))
    return (found[1], found[2].strip("'\"")) if found else None


def filled(text: str, variables: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: variables[found[1]], text)


def curl(statement: str, variables: Mapping[str, str]) -> Request:
    """Knows the few options that the guide uses. A shell puts nothing in place of a name inside single quotes."""
    quoted = re.findall(r"'[^']*'", statement)
    assert not any(_VARIABLE.search(text) for text in quoted), f"in single quotes: {statement}"
    program, *options = (filled(word, variables) for word in words(statement))
    assert program == "curl", f"not a command of the guide: {statement}"
    method, address, headers, body = "", "", {}, None
    rest = iter(options)
    for option in rest:
        match option:
            case "-s" | "-i":
                pass
            case "-X":
                method = next(rest)
            case "-H":
                name, _, value = next(rest).partition(": ")
                headers[name] = value
            case "--json":
                body = next(rest)
                headers["Content-Type"] = "application/json"
            case "--data-binary":
                body = next(rest)
            case _:
                assert option.startswith("http"), f"unknown option {option}"
                address = option
    return Request(method or ("GET" if body is None else "POST"), address, headers, body)


def answer(block: Block) -> Answer:
    head, _, body = block.text.partition("\n\n")
    status, *headers = head.splitlines()
    whole = _ELIDED.sub(lambda found: found[1] + ('"…": "…"' if found[2] == "}" else '"…"'), body)
    return Answer(int(status.split()[1]), dict(line.split(": ", 1) for line in headers), json.loads(whole))

"""A context variable that has a value for the length of a block."""

from __future__ import annotations

from contextvars import ContextVar, Token
from typing import Generic, TypeVar

V = TypeVar("V")


class Meanwhile(Generic[V]):
    """`with Meanwhile(variable, value):` and then what it was before. Several of them are in every request's way.

    A class, as a generator made a context manager takes twice as long or more.
    """

    __slots__ = ("_token", "_value", "_variable")

    def __init__(self, variable: ContextVar[V], value: V) -> None:
        self._variable, self._value = variable, value

    def __enter__(self) -> None:
        self._token: Token[V] = self._variable.set(self._value)

    def __exit__(self, *_: object) -> None:
        self._variable.reset(self._token)

"""Answers that are there as a whole, handed over as such: the server sends them without coming back for more."""

from __future__ import annotations

from typing import Any

from identity.chunked_bodies import Application


def at_once(application: Application) -> Application:
    """WSGI middleware around Django's own. What an answer held, a connection of the pool's above all, is let go of
    before it travels. One that is streamed is asked for piece after piece, as ever.
    """

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        response: Any = application(environ, start_response)
        if getattr(response, "streaming", True):
            return response
        response.close()
        return [response.content]

    return answer

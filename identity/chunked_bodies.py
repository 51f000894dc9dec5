"""Bodies sent in chunks, as clients do that do not know the length beforehand.

Django reads as many bytes as `Content-Length` says, and so none of these: a record would arrive as an empty body.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def until_the_end(application: Application) -> Application:
    """WSGI middleware: a chunked body is as long as it turns out to be. Limits are for those who read it.

    Only where the server says that reading ends with the body (`wsgi.input_terminated`).
    """

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        chunked = environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
        if chunked and not environ.get("CONTENT_LENGTH") and environ.get("wsgi.input_terminated"):
            environ["CONTENT_LENGTH"] = str(sys.maxsize)
        return application(environ, start_response)

    return answer

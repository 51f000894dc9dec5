"""What every address of the API has in common."""

from __future__ import annotations

from functools import lru_cache, partial
from time import perf_counter
from typing import IO, Any, ClassVar, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.datastructures import MultiValueDict
from prometheus_client import Histogram
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Empty, Request
from rest_framework.views import APIView

from contacts.metrics import REQUESTS
from identity.api import idempotency
from identity.api.authentication import ANONYMOUS_WARNING
from identity.api.parsing import has_body
from identity.api.rendering import JSONRenderer, Response
from sources.memory import Outdated, confirmed_along
from sources.models import Scope, Tenant
from sources.round_trips import sending_ahead, settle


class Call(Request):
    """A request as views see it: authentication (identity.api.authentication) added whose registry, and who acts.

    It is answered in JSON whatever it accepts, and its body is what the address's one parser makes of it.
    """

    tenant: Tenant
    actor: str
    negotiator: BaseContentNegotiation
    _full_data: Any
    _refusal: Exception | None = None
    accepted_renderer = JSONRenderer()
    accepted_media_type = JSONRenderer.media_type

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        # At hand, as REST framework looks for what is the inner request's only when it is found nowhere else.
        self.META, self.method = request.META, request.method

    def authenticate(self) -> None:
        """Raises what authenticating raises."""
        self._authenticate()  # type: ignore[attr-defined]  # which the stubs do not know

    @property
    def data(self) -> Any:
        """The body, as the address's parser reads it. Raises UnsupportedMediaType and what the parser raises.

        It can be read once only: whoever asks again is told the same, a refusal too.
        """
        if self._refusal is not None:
            raise self._refusal
        if self._full_data is Empty:
            try:
                self._data, self._files = self._parse()
            except Exception as refusal:
                self._refusal = refusal
                raise
            self._full_data = self._data
        return self._full_data

    def let_go(self) -> None:
        """Of what leads back here."""
        self.parser_context = {}
        self._refusal = None

    def _parse(self) -> tuple[Any, MultiValueDict[str, Any]]:
        """The body, and no files; an empty object where there is none. What `data` tells is read here, once.

        Raises UnsupportedMediaType and what the parser raises.
        """
        if not has_body(self._request):
            return {}, MultiValueDict()
        parser = self.negotiator.select_parser(self, self.parsers or ())
        if parser is None:
            raise UnsupportedMediaType(self.content_type)
        return parser.parse(cast("IO[bytes]", self._request), self.content_type, self.parser_context), MultiValueDict()


class ApiView(APIView):
    """`scopes` names what each method's caller must be allowed to do, where it is not reading (GET) or writing.

    `told_once`: fields of POST's answer that are shown in it and never again.
    """

    http_method_names = ["get", "post", "put", "patch", "delete", "head"]
    scopes: ClassVar[dict[str, Scope]] = {}
    told_once: ClassVar[tuple[str, ...]] = ()
    allowed_methods: ClassVar[list[str]] = []  # worked out once for each view
    post: Any  # only of views that answer POST

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """HEAD is answered as GET is: told here once, where Django would tell each view, which then holds itself."""
        super().__init_subclass__(**kwargs)
        if "get" in cls.__dict__ and "head" not in cls.__dict__:
            cls.head = cls.get  # type: ignore[attr-defined]
        cls.allowed_methods = [method.upper() for method in cls.http_method_names if hasattr(cls, method)]

    @classmethod
    def scope_of(cls, method: str) -> Scope:
        return cls.scopes.get(method, Scope.READ if method in ("GET", "HEAD") else Scope.WRITE)

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Call:
        self._begun = perf_counter()
        return Call(request, self.get_parsers(), self.get_authenticators(), self.get_content_negotiator())

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Lets go of what holds itself: it would stay until Python looks for such garbage, which stops everybody."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except Exception:
            self._count(request, 500)  # what nobody foresaw never comes to be finalized
            raise
        finally:
            self.__dict__.pop("post", None)
            cast(Call, self.request).let_go()
            self.response = None  # type: ignore[assignment]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who calls, and whether they may. REST framework's choice of format, versions and throttles are not used."""
        cast(Call, request).authenticate()
        self.check_permissions(request)
        if "\0" in request.META.get("QUERY_STRING", "") or "%00" in request.META.get("QUERY_STRING", ""):
            raise ParseError("The query holds a character that cannot be stored")
        if request.method == "POST" and hasattr(self, "post"):
            # For this request: views are made anew for each.
            self.post = idempotency.kept(self.post, told_once=self.told_once)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if getattr(request, "anonymous", False):
            response["X-Registry-Warning"] = ANONYMOUS_WARNING
        if self.authentication_classes and "HTTP_AUTHORIZATION" not in request.META:
            patch_vary_headers(response, ("Cookie",))  # a session's might have been another answer
        self._count(request, response.status_code)
        return super().finalize_response(request, response, *args, **kwargs)

    def _count(self, request: HttpRequest | Request, status: int) -> None:
        method = request.method if str(request.method).lower() in self.http_method_names else "other"
        _counted(type(self).__name__, str(method), str(status)).observe(perf_counter() - self._begun)


@lru_cache(maxsize=1024)
def _counted(address: str, method: str, status: str) -> Histogram:
    return REQUESTS.labels(address, method, status)


class Door(ApiView):
    """A busy address: the caller's key and the source are confirmed along with what its POST reads first.

    That saves the round trips for those that this process has read before (sources.memory). Where one has changed
    since, everything is done again with what it is now.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with sending_ahead():
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method != "POST":
            super().initial(request, *args, **kwargs)
            return
        try:
            self._begin(request, *args, **kwargs)
        except Outdated:
            cast(Call, request).authenticate()
            super().initial(request, *args, **kwargs)
        self.post = partial(self._confirmed, self.post)

    def _begin(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """A refusal counts only if the key is still what it was."""
        try:
            with confirmed_along():
                super().initial(request, *args, **kwargs)
        except Exception:
            settle()
            raise

    def _confirmed(self, answer: idempotency.Answer, request: Call, *args: Any, **kwargs: Any) -> Response:
        """What was answered or refused counts only if key and source are still what they were."""
        try:
            try:
                with confirmed_along():
                    return answer(request, *args, **kwargs)
            finally:
                settle()
        except Outdated:
            request.authenticate()
            self.check_permissions(request)
            return answer(request, *args, **kwargs)

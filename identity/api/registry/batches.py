"""`/customers/batch` and `/match/batch`: many records in one request, an answer for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers

from contacts.errors import DomainError, InvalidBody
from contacts.record import Record
from identity.api.documentation import answered, breaches, refused, sent
from identity.api.errors import refusal
from identity.api.parsing import RECORDS, BatchParser, json_object
from identity.api.registry.asked_shapes import RecordSubmitted
from identity.api.registry.bodies import Body
from identity.api.registry.customer_examples import CUSTOMER, ID, SUBMITTED
from identity.api.registry.customers import identified
from identity.api.registry.previews import PREVIEW, foretold
from identity.api.registry.schemas import ObjectField, Shape
from identity.api.registry.submissions import Reading
from identity.api.rendering import Response
from identity.api.views import ApiView, Call
from matching.active import active_model
from matching.bulk.identify_many import Submission, identify_many
from sources.models import Scope, SourceSystem

MOST_RECORDS = 1_000
LONGEST_NAME_TOLD = 100
TOLD_HEADERS = ("Location", "X-Match-Keys-Capped")

WRONG_ENVELOPE = breaches("records must be an array", "'source_system' is not a field of a batch")
TOO_LARGE = refused("Request body is larger than 8 MiB")
REFUSED = {"status": 400, "headers": {}, "body": {"errors": ["email format is invalid"]}}
CREATED = {"status": 201, "headers": {"Location": f"/customers/{ID}"}, "body": CUSTOMER}
SENT = {"records": [SUBMITTED, {**SUBMITTED, "email": "chuck"}]}


class BatchSubmitted(Shape):
    """Up to 1,000 records, each as `POST /customers` takes it."""

    records = serializers.ListField(child=RecordSubmitted(), max_length=MOST_RECORDS)


class RecordAnswered(Shape):
    """What the record would have been answered alone."""

    status = serializers.IntegerField()
    headers = ObjectField(help_text="`Location`, `X-Match-Keys-Capped`, where there are any.")
    body = ObjectField()


class BatchAnswered(Shape):
    """An answer for each record, in the order of the records."""

    answers = RecordAnswered(many=True)


class SubmitBatch(ApiView):
    parser_classes = [BatchParser]

    @extend_schema(
        operation_id="submit_customers",
        summary="Submit many records",
        description=(
            "Up to 1,000 records, in one transaction, with the same outcomes as if they were sent to `POST /customers`"
            " one after the other in this order. Each has an answer with the `status`, `headers` and `body` it would"
            " have had there; a record that is refused does not spoil the others. A request that fails as a whole"
            " (503) has written nothing. Bodies of up to 8 MiB."
        ),
        request=BatchSubmitted,
        responses={
            200: OpenApiResponse(BatchAnswered, description="An answer for each record, whatever became of it."),
            400: WRONG_ENVELOPE,
            413: TOO_LARGE,
        },
        examples=[sent(SENT), answered({"answers": [CREATED, REFUSED]})],
    )
    def post(self, request: Call) -> Response:
        batch = _Batch(request)
        submissions = [Submission(record, source) for source, record in batch.readable]
        done = identify_many(submissions, tenant=request.tenant, by=request.actor) if submissions else []
        return batch.answered([refusal(each) if isinstance(each, DomainError) else identified(each) for each in done])


class MatchBatch(ApiView):
    scopes = {"POST": Scope.READ}
    parser_classes = [BatchParser]

    @extend_schema(
        operation_id="preview_matches",
        summary="Ask what would happen to many records",
        description=(
            "Up to 1,000 records, each answered as `POST /match` would answer it: by what is known now, without the"
            " other records of the batch. Nothing is written. Bodies of up to 8 MiB."
        ),
        request=BatchSubmitted,
        responses={
            200: OpenApiResponse(BatchAnswered, description="An answer for each record."),
            400: WRONG_ENVELOPE,
            413: TOO_LARGE,
        },
        examples=[sent(SENT), answered({"answers": [{"status": 200, "headers": {}, "body": PREVIEW}, REFUSED]})],
    )
    def post(self, request: Call) -> Response:
        batch = _Batch(request)
        tenant, model = request.tenant, active_model(request.tenant)
        bodies = [foretold(record, source=source, tenant=tenant, model=model) for source, record in batch.readable]
        return batch.answered([Response(body) for body in bodies])


class _Batch:
    """The records of a request: those that can be read, and the answers of those that cannot, by their places."""

    def __init__(self, request: Call) -> None:
        reading = Reading(request)
        self.readable: list[tuple[SourceSystem, Record]] = []
        self._answers = [self._refusal(reading, record) for record in _records(request)]

    def _refusal(self, reading: Reading, record: object) -> Response | None:
        try:
            self.readable.append(reading.read(record))
        except DomainError as error:
            return refusal(error)
        return None

    def answered(self, others: Sequence[Response]) -> Response:
        """All answers in order, `others` in the places of those that were read."""
        rest = iter(others)
        return Response({"answers": [_answer(next(rest) if each is None else each) for each in self._answers]})


def _answer(response: Response) -> Body:
    headers = {name: value for name, value in response.headers.items() if name in TOLD_HEADERS}
    return {"status": response.status_code, "headers": headers, "body": response.data}


def _records(request: Call) -> list[Any]:
    """Raises InvalidBody with all that is wrong around the records."""
    body = json_object(request)
    errors = [f"'{name[:LONGEST_NAME_TOLD]}' is not a field of a batch" for name in body if name != RECORDS]
    records = body.get(RECORDS)
    if RECORDS not in body:
        errors.append(f"{RECORDS} is required")
    elif not isinstance(records, list):
        errors.append(f"{RECORDS} must be an array")
    elif len(records) > MOST_RECORDS:
        errors.append(f"{RECORDS} has {len(records):,} entries, and may have at most {MOST_RECORDS:,}")
    if errors or not isinstance(records, list):
        raise InvalidBody(errors)
    return records

"""`POST /contacts/identify`, and the two addresses of the original."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema

from contacts.errors import Forbidden
from identity.api.contact_centre.answering import contact_body, explanation
from identity.api.contact_centre.reading import Asked, caller_of, read
from identity.api.contact_centre.shapes import ContactAsked, ContactBody
from identity.api.documentation import answered, breaches, refused, sent
from identity.api.parsing import json_object
from identity.api.permissions import may_submit_for
from identity.api.rendering import Response
from identity.api.views import Call, Door
from matching.identify_contact import explain_contact, identify_contact
from sources.built_in import CONTACT_CENTRE
from sources.models import Scope, Tenant

ONE = {
    "FirstName": "Katherine",
    "LastName": "Doyle",
    "EmailAddress": "k.doyle@example.org",
    "NumberOfContactsFound": 1,
    "ContactId": "01994f2a-7c1e-7d30-9d53-5e3d5c1f2a10",
    "ContactCreated": False,
}
DESCRIPTION = (
    "Tries the lookups of the media type in order; the first that finds somebody answers. A *unique* or *regular* "
    "lookup answers with one contact, a *multiple* one with all, the oldest first. Where none finds anybody a contact "
    "is created, if the request or the media type allows it and the attributes it must have are given; a multiple "
    "lookup alone creates nobody. `explain` is a dry run for administrators."
)


Endpoint = Callable[..., Response]


def documented(operation_id: str) -> Callable[[Endpoint], Endpoint]:
    decorator: Callable[[Endpoint], Endpoint] = extend_schema(
        operation_id=operation_id,
        tags=["contact centre"],
        summary="Who is this?",
        description=DESCRIPTION,
        request=ContactAsked,
        responses={
            200: ContactBody,
            400: breaches("attribute '_x' is not defined", "MediaType 'fax' is not known"),
            403: refused("The scope 'admin' is needed to explain"),
            404: refused("Tenant not found", "Subtenant not found"),
        },
        examples=[
            sent({"MediaType": "email", "EmailAddress": "k.doyle@example.org", "LastName": "Doyle"}),
            answered(ONE),
        ],
    )
    return decorator


class IdentifyContact(Door):
    @documented("contacts_identify")
    def post(self, request: Call) -> Response:
        asked = read(json_object(request))
        tenant = caller_of(request).tenant_named(asked.tenant) if asked.tenant else request.tenant
        if asked.explain:
            return Response(_explained(request, asked, tenant))
        may_submit_for(request, CONTACT_CENTRE)
        answer = identify_contact(asked.request, tenant=tenant, by=request.actor)
        return Response(contact_body(answer, return_unique=asked.return_unique))


def _explained(request: Call, asked: Asked, tenant: Tenant) -> dict[str, Any]:
    if not caller_of(request).may(Scope.ADMIN):
        raise Forbidden("The scope 'admin' is needed to explain")
    answer = explain_contact(asked.request, tenant=tenant)
    return {**contact_body(answer, return_unique=asked.return_unique), "Explanation": explanation(answer)}


class IdentifyOriginal(IdentifyContact):
    @documented("OMContacts_Identify")
    def post(self, request: Call) -> Response:
        return super().post(request)


class IdentifyContactOriginal(IdentifyContact):
    @documented("OMContacts_IdentifyContact")
    def post(self, request: Call) -> Response:
        return super().post(request)

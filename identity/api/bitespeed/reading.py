"""What a checkout sends, normalised; or everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from contacts.errors import InvalidBody
from contacts.normalisation.email import normalise_email
from contacts.normalisation.phone import to_e164
from contacts.record import Facts, Record

MAX_EMAIL_LENGTH = 254
MAX_PHONE_LENGTH = 50

_NO_DIGIT = re.compile(r"\D")


def read(body: Mapping[str, Any], *, source_system: str, region: str) -> Record:
    """The record of an `/identify` body. `null`, an empty string and an absent key mean the same.

    The e-mail is matched trimmed and case-folded, the phone by E.164 where it is a number of the region and by its
    digits otherwise. Raises InvalidBody.
    """
    errors: list[str] = []
    email = _email(body.get("email"), errors)
    phone = _phone(body.get("phoneNumber"), region, errors)
    if not errors and not email and not phone:
        errors.append("email or phoneNumber is required")
    if errors:
        raise InvalidBody(errors)
    return Record(Facts(email=email, phone=phone), original_payload=body, source_system=source_system)


def _email(value: object, errors: list[str]) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        errors.append("email must be a string")
        return ""
    matched = normalise_email(value)
    if len(matched) > MAX_EMAIL_LENGTH:
        errors.append(f"email is too long (at most {MAX_EMAIL_LENGTH} characters)")
        return ""
    return matched


def _phone(value: object, region: str, errors: list[str]) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None:
        return ""
    if not isinstance(value, str):
        errors.append("phoneNumber must be a string or an integer")
        return ""
    said = value.strip()
    if len(said) > MAX_PHONE_LENGTH:
        errors.append(f"phoneNumber is too long (at most {MAX_PHONE_LENGTH} characters)")
        return ""
    matched = to_e164(said, region) or _NO_DIGIT.sub("", said)
    if said and not matched:
        errors.append("phoneNumber has no digits")
    return matched

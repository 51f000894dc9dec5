"""One made-up customer, for the examples of the OpenAPI document."""

from __future__ import annotations

from typing import Any

ID = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
OTHER_ID = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c"
AT = "2026-03-06T14:30:00.123456Z"

SUBMITTED: dict[str, Any] = {
    "source_system": "CRM",
    "source_key": "C-1001",
    "first_name": "Chuck",
    "last_name": "Abernathy",
    "email": "Chuck.Abernathy@example.com",
    "phone": "(214) 867-5309",
    "address": {"street": "123 North Main Street", "city": "Dallas", "state": "tx", "zip": "75201"},
}
CUSTOMER: dict[str, Any] = {
    "id": ID,
    "first_name": "Charles",
    "last_name": "Abernathy",
    "email": "chuck.abernathy@example.com",
    "phone": "+12148675309",
    "address": {"street": "123 N Main ST", "city": "Dallas", "state": "TX", "zip": "75201", "country": None},
    "attributes": {},
    "created_by": "jane.smith",
    "created_at": AT,
    "updated_by": None,
    "updated_at": None,
    "deleted_by": None,
    "deleted_at": None,
    "merged_into": None,
    "version": 1,
}
CANDIDATE: dict[str, Any] = {
    "id": 7,
    "candidate_id": OTHER_ID,
    "confidence": 0.7454,
    "algorithm": "fellegi-sunter",
    "status": "pending",
    "search_tokens": ["ph:+12148675309"],
    "reviewed_by": None,
    "reviewed_at": None,
}
ALIAS: dict[str, Any] = {
    "id": 42,
    "source_system": "CRM",
    "source_key": "C-1001",
    "original_payload": SUBMITTED,
    "source_of_truth": False,
    "effective_date": None,
    "added_by": "jane.smith",
    "added_at": AT,
    "updated_by": None,
    "updated_at": None,
    "match_confidence": 1.0,
    "match_algorithm": "fellegi-sunter",
    "match_model": 1,
    "candidates": [],
}
FEEDBACK: dict[str, Any] = {
    "id": 3,
    "type": "false_positive",
    "customer_id": ID,
    "alias_id": 42,
    "related_customer_id": None,
    "merge_id": None,
    "original_confidence": 0.98,
    "original_algorithm": "fellegi-sunter",
    "reported_by": "jane.smith",
    "reported_at": AT,
    "resolved": False,
    "resolved_by": None,
    "resolved_at": None,
    "notes": "Father and son.",
}
MERGE: dict[str, Any] = {
    "id": 12,
    "target_id": ID,
    "source_id": OTHER_ID,
    "reason": "manual",
    "aliases": [43, 44],
    "by": "jane.smith",
    "at": AT,
    "undone_by": None,
    "undone_at": None,
}
PINNED: dict[str, Any] = {
    "alias_id": 42,
    "source_system": "CRM",
    "source_key": "C-1001",
    "pinned": {"by": "jane.smith", "at": AT, "reason": "Read from her passport."},
}
EVIDENCE: dict[str, Any] = {
    "fields": [
        {
            "field": "email",
            "label": "e-mail",
            "incoming": "chuck.abernathy@example.com",
            "existing": "chuck.abernathy@example.com",
            "similarity": 1.0,
            "level": "agrees",
            "weight": 13.1357,
            "identifying": True,
        }
    ],
    "total": 13.1357,
    "minimum": -3.3218,
    "maximum": 13.1357,
    "score": 1.0,
    "scale": "normalised",
    "match_threshold": 0.95,
    "review_threshold": 0.7,
}
SENTENCE = "Same e-mail. Scores 1.00: at or above 0.95, enough for an automatic link."

"""The cases told one by one: what went wrong with the machine's help or without, and what people made of it.

The last of them is the last of the whole story, and leaves a trace that nothing removes: by it a load is known to be
complete.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from identity.demo.decisions import (
    Decision,
    Key,
    approve,
    correct,
    dispute,
    forget,
    merge_into,
    reject,
    split_off,
    undo_merge,
    uphold,
)
from identity.demo.people import Home, Resident, written
from identity.demo.steps import Verdict
from identity.demo.story import Story
from identity.demo.words import Town

DALLAS = Town("Dallas", "TX", "75201", "214")
SEATTLE = Town("Seattle", "WA", "98104", "206")


def scripted_cases(story: Story) -> Verdict:
    """All cases; returns the verdict that ends the story."""
    _moved_and_approved(story)
    _married_and_approved(story)
    _father_and_son(story)
    _spouses(story)
    _two_that_look_like_two(story)
    _namesakes_merged_by_mistake(story)
    _doubted_but_right(story)
    _disputed_twins(story)
    _forgotten(story)
    _corrected(story)
    _near_three(story)
    return _twins_told_apart(story)


def _moved_and_approved(story: Story) -> None:
    who = _resident(story, "Margaret", "Okafor", "28 Harbor Street", DALLAS)
    _known(story, who)
    moved = replace(who, home=Home(615, "Juniper", "Lane", SEATTLE))
    _decided(story, 30, _sent(story, "SHOP", 34, moved), approve())


def _married_and_approved(story: Story) -> None:
    who = _resident(story, "Priya", "Raman", "77 Meadow Court", SEATTLE)
    _known(story, who)
    _decided(story, 21, _sent(story, "SUPPORT", 25, replace(who, last_name="Lindqvist")), approve())


def _father_and_son(story: Story) -> None:
    father = _resident(story, "Walter", "Brandt", "4 Quarry Road", DALLAS)
    _known(story, father)
    son = replace(father, last_name="Brandt Jr", email=story.census.mailbox("walter", "brandt.jr"))
    _decided(story, 19, _sent(story, "SUPPORT", 24, son), reject())


def _spouses(story: Story) -> None:
    wife = _resident(story, "Ingrid", "Halvorsen", "301 Spruce Avenue", SEATTLE)
    _known(story, wife)
    _decided(story, 17, _sent(story, "LOYALTY", 22, replace(wife, first_name="Magnus")), reject())


def _two_that_look_like_two(story: Story) -> None:
    """The shop knows a mailbox and no telephone: too little for the machine, enough for whoever called her."""
    who = _resident(story, "Theodora", "Vance", "90 Laurel Place", DALLAS)
    crm = _known(story, who)
    body = written(who, story.random, slips=0)
    sparse = _sent_body(story, "SHOP", 40, {name: body[name] for name in ("first_name", "last_name", "email")})
    _decided(story, 14, sparse, merge_into(crm))


def _namesakes_merged_by_mistake(story: Story) -> None:
    one = _known(story, _resident(story, "Maria", "Castellano", "12 Orchard Street", DALLAS))
    other = _known(story, _resident(story, "Maria", "Castellano", "508 Summit Drive", SEATTLE))
    _decided(story, 13, other, merge_into(one))
    _decided(story, 11, other, undo_merge())


def _doubted_but_right(story: Story) -> None:
    who = _resident(story, "Jonathan", "Abernathy", "66 Birch Terrace", SEATTLE)
    _known(story, who)
    again = _sent(story, "LOYALTY", 50, replace(who, first_name="Jon"))
    _decided(story, 46, again, dispute("Jon and Jonathan: are these two brothers?"))
    _decided(story, 44, again, uphold("Called the customer: one and the same."))


def _disputed_twins(story: Story) -> None:
    """Names alike to a letter, everything else shared: the machine takes the twins for one, and is contradicted."""
    for first, second, last, days in (("Marian", "Marion", "Fitch", 6), ("Erica", "Erika", "Delacroix", 3)):
        twin = _resident(story, first, last, "19 Willow Circle", DALLAS)
        _known(story, twin)
        other = _sent(story, "SUPPORT", days + 4, replace(twin, first_name=second))
        _decided(story, days, other, dispute(f"{second} is {first}'s twin; they share a mailbox."))


def _forgotten(story: Story) -> None:
    _decided(story, 9, _known(story, _resident(story, "Edgar", "Whitlock", "3 Hickory Lane", SEATTLE)), forget())


def _corrected(story: Story) -> None:
    who = _resident(story, "Samuel", "Greenfield", "210 Cherry Road", DALLAS)
    _decided(story, 5, _known(story, who), correct(phone=story.census.phone(SEATTLE)))


def _near_three(story: Story) -> None:
    """Three systems each know her by one old thing; a record that has everything new comes near all three."""
    who = _resident(story, "Rosalind", "Achterberg", "52 Chestnut Street", DALLAS)
    _sent(story, "CRM", 640, replace(who, email=story.census.mailbox("rosalind", "oldmail")))
    _sent(story, "SHOP", 410, replace(who, phone=story.census.phone(SEATTLE)))
    _sent(story, "LOYALTY", 230, replace(who, home=Home(9, "Foundry", "Road", SEATTLE)))
    _sent(story, "SUPPORT", 1, who)


def _twins_told_apart(story: Story) -> Verdict:
    twin = _resident(story, "Kristina", "Novak", "44 Aspen Court", SEATTLE)
    _known(story, twin)
    other = _sent(story, "SHOP", 8, replace(twin, first_name="Kristine"))
    _decided(story, 2, other, dispute("Two sisters. The older one called about it."))
    return _decided(story, 0, other, split_off())


def _resident(story: Story, first_name: str, last_name: str, street_line: str, town: Town) -> Resident:
    house, street, street_type = street_line.split()
    home = Home(int(house), street, street_type, town)
    mailbox = story.census.mailbox(first_name, last_name)
    return Resident(first_name, last_name, mailbox, story.census.phone(town), home)


def _known(story: Story, who: Resident) -> Key:
    """Two systems have known them for long; returns the key in the CRM."""
    crm = _sent(story, "CRM", 700, who)
    _sent(story, "BILLING", 400, who)
    return crm


def _sent(story: Story, system: str, days_ago: int, who: Resident) -> Key:
    return _sent_body(story, system, days_ago, written(who, story.random, slips=0))


def _sent_body(story: Story, system: str, days_ago: int, body: dict[str, Any]) -> Key:
    return system, story.sent(system, _moment(story, days_ago), body)


def _decided(story: Story, days_ago: int, key: Key, decision: Decision) -> Verdict:
    verdict = Verdict(_moment(story, days_ago), *key, *decision)
    story.steps.append(verdict)
    return verdict


def _moment(story: Story, days_ago: int) -> datetime:
    """An hour of that day; a day of 0 is the end of the story, after everything else."""
    if not days_ago:
        return story.end
    return story.end - timedelta(days=days_ago, seconds=story.random.randrange(3600))

"""The kinds of refusal, as the floors from here upwards import them; sources.errors says what each means."""

from sources.errors import Conflict as Conflict
from sources.errors import DomainError as DomainError
from sources.errors import Forbidden as Forbidden
from sources.errors import Invalid as Invalid
from sources.errors import InvalidBody as InvalidBody
from sources.errors import NotFound as NotFound
from sources.errors import Stale as Stale

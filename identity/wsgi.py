"""The WSGI application, and the limits that hold for requests only: commands may take their time."""

import gc
import os

from django.conf import settings
from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries
from django.urls import get_resolver

from identity.chunked_bodies import until_the_end
from identity.whole_answers import at_once

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "identity.settings.production")
os.environ.setdefault("DATABASE_STATEMENT_TIMEOUT_MS", "30000")
os.environ.setdefault("DATABASE_LOCK_TIMEOUT_MS", "10000")
os.environ.setdefault("DATABASE_IDLE_TRANSACTION_TIMEOUT_MS", "60000")

application = at_once(until_the_end(get_wsgi_application()))

# A request ends with its connections given back: before the next there are none to look at. What Django looks after
# besides is not there: queries are logged for DEBUG only, no cache is used, and there is one list of addresses.
request_started.disconnect(close_old_connections)
if not settings.DEBUG:
    request_started.disconnect(reset_queries)
for unused in (close_caches, reset_urlconf):
    request_finished.disconnect(unused)

# All that is there now stays: Python, looking for garbage, need not go through it again and again, which takes a
# twentieth of a second in which nobody is served. The addresses are what would be read with the first request.
get_resolver().url_patterns  # noqa: B018
gc.collect()
gc.freeze()

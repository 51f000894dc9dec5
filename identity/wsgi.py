"""The WSGI application, and the limits that hold for requests only: commands may take their time."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from identity.chunked_bodies import until_the_end

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "identity.settings.production")
os.environ.setdefault("DATABASE_STATEMENT_TIMEOUT_MS", "30000")
os.environ.setdefault("DATABASE_LOCK_TIMEOUT_MS", "10000")
os.environ.setdefault("DATABASE_IDLE_TRANSACTION_TIMEOUT_MS", "60000")

application = until_the_end(get_wsgi_application())

# All that is there now stays: Python, looking for garbage, need not go through it again and again, which takes a
# twentieth of a second in which nobody is served. The addresses are what would be read with the first request.
get_resolver().url_patterns  # noqa: B018
gc.collect()
gc.freeze()

"""The WSGI application, and the limits that hold for requests only: commands may take their time."""

import os

from django.core.wsgi import get_wsgi_application

from identity.chunked_bodies import until_the_end

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "identity.settings.production")
os.environ.setdefault("DATABASE_STATEMENT_TIMEOUT_MS", "30000")
os.environ.setdefault("DATABASE_LOCK_TIMEOUT_MS", "10000")
os.environ.setdefault("DATABASE_IDLE_TRANSACTION_TIMEOUT_MS", "60000")

application = until_the_end(get_wsgi_application())

"""Django's PostgreSQL backend, whose pool lends a healthy connection without a question over it."""

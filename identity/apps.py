from django.apps import AppConfig, apps


class IdentityConfig(AppConfig):
    name = "identity"

    def ready(self) -> None:
        """The admin's heading says what the jobs are, not who wrote the queue."""
        apps.get_app_config("procrastinate").verbose_name = "Background jobs"

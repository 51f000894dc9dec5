"""A new installation has the tenant `default`, the built-in sources and the first match model."""

from django.db import migrations

FIRST_MODEL = {
    "scale": "normalised",
    "comparisons": [
        {"field": "first_name", "comparator": "jaro_winkler", "m": 0.95, "u": 0.005, "threshold": 0.85, "unique": False},
        {"field": "last_name", "comparator": "jaro_winkler", "m": 0.95, "u": 0.002, "threshold": 0.85, "unique": False},
        {"field": "email", "comparator": "exact", "m": 0.9, "u": 0.0001, "threshold": 1.0, "unique": False},
        {"field": "phone", "comparator": "exact", "m": 0.85, "u": 0.0005, "threshold": 1.0, "unique": False},
        {"field": "address_composite", "comparator": "jaro_winkler", "m": 0.8, "u": 0.005, "threshold": 0.8, "unique": False},
    ],
    "match_threshold": 0.95,
    "review_threshold": 0.7,
}


def open_default(apps, schema_editor):
    tenant = apps.get_model("sources", "Tenant").objects.create(name="default")
    SourceSystem = apps.get_model("sources", "SourceSystem")
    for name in ("storefront", "contact-centre"):
        SourceSystem.objects.create(tenant=tenant, name=name, built_in=True, required_fields=[], created_by="system")
    apps.get_model("matching", "MatchModel").objects.create(
        tenant=tenant, version=1, definition=FIRST_MODEL, reason="The document's table.", active=True, created_by="system"
    )


class Migration(migrations.Migration):
    dependencies = [("matching", "0002_journals_and_models_are_fixed"), ("sources", "0001_initial")]
    operations = [migrations.RunPython(open_default, migrations.RunPython.noop)]

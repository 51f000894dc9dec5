"""Every tenant has the predefined lookups and media types; new tenants get them from matching.tenants."""

from django.db import migrations

LOOKUPS = (
    ("EmailAddressLastNameFirstNameLookup", ["EmailAddress", "LastName", "FirstName"], "regular"),
    ("PhoneNumberLastNameFirstNameLookup", ["PhoneNumber", "LastName", "FirstName"], "regular"),
    ("LastNameFirstNameLookup", ["LastName", "FirstName"], "multiple"),
    ("FirstNameLookup", ["FirstName"], "multiple"),
    ("FacebookIdLookup", ["FacebookId"], "unique"),
    ("TwitterIdLookup", ["TwitterId"], "unique"),
)
EMAIL, PHONE, NAMES, FIRST_NAME = (name for name, _, _ in LOOKUPS[:4])
MEDIA_TYPES = (
    ("any", [EMAIL, PHONE, NAMES, FIRST_NAME]),
    ("email", [EMAIL]),
    ("voice", [PHONE]),
    ("sms", [PHONE, EMAIL]),
    ("chat", []),
)


def predefine(apps, schema_editor):
    Lookup, MediaType = apps.get_model("matching", "Lookup"), apps.get_model("sources", "MediaType")
    contacts = apps.get_model("contacts", "Contact").objects
    for tenant in apps.get_model("sources", "Tenant").objects.all():
        for name, attributes, kind in LOOKUPS:
            # The unique ones have an index of their own, which a worker makes where there are contacts already.
            due = kind == "unique" and contacts.filter(tenant_id=tenant.pk).exists()
            Lookup.objects.create(
                tenant_id=tenant.pk,
                name=name,
                attributes=attributes,
                kind=kind,
                state="building" if due else "ready",
                built_in=True,
            )
        for name, strategy in MEDIA_TYPES:
            MediaType.objects.create(tenant_id=tenant.pk, name=name, strategy=strategy, built_in=True)


class Migration(migrations.Migration):
    dependencies = [("matching", "0004_lookups"), ("sources", "0003_media_types")]
    operations = [migrations.RunPython(predefine, migrations.RunPython.noop)]

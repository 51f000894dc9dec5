"""The journal of administration only grows, as history and events do."""

from django.db import migrations

REFUSE = """
CREATE TRIGGER deed_append_only BEFORE UPDATE OR DELETE ON sources_deed
    FOR EACH ROW EXECUTE FUNCTION registry_append_only();
"""
ALLOW = "DROP TRIGGER deed_append_only ON sources_deed;"


class Migration(migrations.Migration):
    dependencies = [("contacts", "0009_smaller_indexes"), ("sources", "0005_deeds")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]

"""History and events only grow: the database itself refuses to change or delete them."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION registry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER change_append_only BEFORE UPDATE OR DELETE ON contacts_change
    FOR EACH ROW EXECUTE FUNCTION registry_append_only();
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON contacts_event
    FOR EACH ROW EXECUTE FUNCTION registry_append_only();
"""

ALLOW = """
DROP TRIGGER event_append_only ON contacts_event;
DROP TRIGGER change_append_only ON contacts_change;
DROP FUNCTION registry_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]

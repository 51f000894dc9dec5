"""No statement removes a contact or gives it another id, as it is with customers: candidates name theirs unchecked."""

from django.db import migrations

KEEP = """
CREATE TRIGGER contact_kept AFTER DELETE OR UPDATE OF id ON contacts_contact
    FOR EACH ROW EXECUTE FUNCTION registry_kept();
"""
LET_GO = "DROP TRIGGER IF EXISTS contact_kept ON contacts_contact;"


class Migration(migrations.Migration):
    dependencies = [("contacts", "0012_rows_of_one_tenant")]
    operations = [migrations.RunSQL(LET_GO + KEEP, LET_GO)]

"""Candidates of customers that were deleted while they waited leave the queue, as they do from now on."""

from django.db import migrations, models

WITHDRAW = """
UPDATE matching_candidatepair AS pair
SET status = 'withdrawn', reviewed_by = customer.deleted_by, reviewed_at = customer.deleted_at
FROM contacts_customer AS customer
WHERE pair.status = 'pending' AND customer.id = pair.customer_id
  AND customer.deleted_at IS NOT NULL AND customer.merged_into_id IS NULL;
UPDATE matching_candidatepair AS pair
SET status = 'withdrawn', reviewed_by = coalesce(customer.deleted_by, 'system'), reviewed_at = contact.deleted_at
FROM contacts_contact AS contact JOIN contacts_customer AS customer ON customer.id = contact.customer_id
WHERE pair.status = 'pending' AND contact.id = pair.contact_id AND contact.deleted_at IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("matching", "0010_deeds_so_far")]
    operations = [
        migrations.AlterField(
            model_name="candidatepair",
            name="status",
            field=models.CharField(
                choices=[
                    ("pending", "Pending"),
                    ("approved", "Approved"),
                    ("rejected", "Rejected"),
                    ("superseded", "Superseded"),
                    ("withdrawn", "Withdrawn"),
                ],
                default="pending",
                max_length=10,
            ),
        ),
        migrations.RunSQL(WITHDRAW, migrations.RunSQL.noop),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sources", "0003_media_types"),
    ]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="revoked_by",
            field=models.CharField(blank=True, max_length=200, null=True),
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.CheckConstraint(
                condition=models.Q(("revoked_by", None), ("revoked_at__isnull", False), _connector="OR"),
                name="api_key_revoked_by_and_at",
            ),
        ),
    ]

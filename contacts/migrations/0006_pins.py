from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0005_audit_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="pins",
            field=models.JSONField(blank=True, null=True),
        ),
    ]

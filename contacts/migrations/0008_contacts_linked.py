from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0007_lists_at_size"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("deleted_at", None), ("match_confidence__isnull", False)),
                fields=["tenant", "added_at"],
                name="contact_linked",
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0007_queue_by_age"),
    ]

    operations = [
        migrations.AlterField(
            model_name="merge",
            name="reason",
            field=models.CharField(
                choices=[
                    ("manual", "merged by hand"),
                    ("approval", "a candidate was approved"),
                    ("fold", "a nameless customer shares an identifier"),
                    ("bridge", "a request bridged two customers"),
                    ("match", "whole-registry matching found them to be one"),
                ],
                max_length=10,
            ),
        ),
    ]

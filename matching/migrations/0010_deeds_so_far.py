"""What the rows themselves tell of administration before there was a journal, as its first entries."""

from django.db import migrations

TELL = """
INSERT INTO sources_deed (tenant_id, at, by, door, key, kind, subject_id, name, action, before, after)
SELECT tenant_id, at, by, 'unknown', '', kind, id, left(name, 200), action, '{}', after FROM (
    SELECT id AS tenant_id, created_at AS at, created_by AS by, 'tenant' AS kind, id, name, 'made' AS action,
        '{}'::jsonb AS after, 1 AS place
    FROM sources_tenant
    UNION ALL SELECT tenant_id, created_at, created_by, 'subtenant', id, name, 'made', '{}', 2 FROM sources_subtenant
    UNION ALL SELECT tenant_id, created_at, created_by, 'source', id, name, 'made', '{}', 2
    FROM sources_sourcesystem WHERE NOT built_in
    UNION ALL SELECT tenant_id, updated_at, coalesce(updated_by, ''), 'source', id, name, 'changed', '{}', 3
    FROM sources_sourcesystem WHERE updated_at IS NOT NULL
    UNION ALL SELECT tenant_id, deleted_at, deleted_by, 'source', id, name, 'removed', '{}', 4
    FROM sources_sourcesystem WHERE deleted_at IS NOT NULL
    UNION ALL SELECT tenant_id, created_at, created_by, 'api_key', id, name, 'made',
        jsonb_build_object('prefix', prefix, 'scopes', scopes), 2
    FROM sources_apikey
    UNION ALL SELECT tenant_id, revoked_at, coalesce(revoked_by, ''), 'api_key', id, name, 'removed', '{}', 3
    FROM sources_apikey WHERE revoked_at IS NOT NULL
    UNION ALL SELECT tenant_id, created_at, created_by, 'contact_attribute', id, name, 'made',
        jsonb_build_object('type', type), 2
    FROM contacts_contactattribute
    UNION ALL SELECT tenant_id, created_at, created_by, 'media_type', id, name, 'made', '{}', 3
    FROM sources_mediatype WHERE NOT built_in
    UNION ALL SELECT tenant_id, updated_at, coalesce(updated_by, ''), 'media_type', id, name, 'changed', '{}', 4
    FROM sources_mediatype WHERE updated_at IS NOT NULL
    UNION ALL SELECT tenant_id, created_at, created_by, 'identification_key', id, name, 'made',
        jsonb_build_object('attributes', attributes, 'kind', kind), 2
    FROM matching_lookup WHERE NOT built_in
    UNION ALL SELECT tenant_id, created_at, created_by, 'match_model', id, 'version ' || version, 'made',
        jsonb_build_object('reason', reason), 2
    FROM matching_matchmodel
) AS known ORDER BY at, place, id
"""


class Migration(migrations.Migration):
    dependencies = [("matching", "0009_queue_of_source"), ("contacts", "0010_deeds_append_only")]
    operations = [migrations.RunSQL(TELL, migrations.RunSQL.noop)]

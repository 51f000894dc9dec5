"""Journals and match models are written once: only a merge's `undone_*` and a model's `active` may change."""

from django.db import migrations

REFUSE = """
CREATE TRIGGER split_append_only BEFORE UPDATE OR DELETE ON matching_split
    FOR EACH ROW EXECUTE FUNCTION registry_append_only();
CREATE FUNCTION registry_merge_only_undone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'undone_by' - 'undone_at' IS DISTINCT FROM to_jsonb(OLD) - 'undone_by' - 'undone_at'
       OR OLD.undone_at IS NOT NULL THEN
        RAISE EXCEPTION 'a merge journal is written once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER merge_written_once BEFORE UPDATE ON matching_merge
    FOR EACH ROW EXECUTE FUNCTION registry_merge_only_undone();
CREATE TRIGGER merge_kept BEFORE DELETE ON matching_merge
    FOR EACH ROW EXECUTE FUNCTION registry_append_only();
CREATE FUNCTION registry_model_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'active' IS DISTINCT FROM to_jsonb(OLD) - 'active' THEN
        RAISE EXCEPTION 'a match model is immutable: make a new version' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER match_model_immutable BEFORE UPDATE ON matching_matchmodel
    FOR EACH ROW EXECUTE FUNCTION registry_model_immutable();
CREATE TRIGGER match_model_kept BEFORE DELETE ON matching_matchmodel
    FOR EACH ROW EXECUTE FUNCTION registry_append_only();
"""

ALLOW = """
DROP TRIGGER match_model_kept ON matching_matchmodel;
DROP TRIGGER match_model_immutable ON matching_matchmodel;
DROP FUNCTION registry_model_immutable();
DROP TRIGGER merge_kept ON matching_merge;
DROP TRIGGER merge_written_once ON matching_merge;
DROP FUNCTION registry_merge_only_undone();
DROP TRIGGER split_append_only ON matching_split;
"""


class Migration(migrations.Migration):
    dependencies = [("matching", "0001_initial"), ("contacts", "0002_append_only")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]

{{ entity_config(sync_keys()) }}

{{ entity(ref('int_sync_days'), sync_keys(), sync_columns()) }}

{{ entity_config(day_block_keys()) }}

{{ entity(days_as_bits(), day_block_keys(), day_block_columns()) }}

{{ entity_config(visitor_keys()) }}

{{ entity(ref('int_visitor_days'), visitor_keys(), visitor_columns()) }}

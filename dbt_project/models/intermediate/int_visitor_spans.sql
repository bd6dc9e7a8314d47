-- As int_sync_spans, for browsers, whether or not a partner's cookie came with them.
{{ seen_spans(ref('int_visitor_days'), ref('int_visitors'), ['client_id', 'visitor_id']) }}

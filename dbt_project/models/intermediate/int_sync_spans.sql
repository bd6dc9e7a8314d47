-- As int_evidence_spans, for partner cookies: when a cookie id had last been seen, as of each day.
{{ seen_spans(
    ref('int_sync_days'), ref('int_syncs'),
    ['client_id', 'partner_id', 'partner_cookie_id', 'visitor_id', 'site_id']
) }}

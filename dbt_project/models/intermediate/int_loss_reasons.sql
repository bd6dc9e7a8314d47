-- Why a record does not reach a step, and what can be done about it.
select 2 as step_number, 'withdrawn' as reason, 'Left the list by an opt-out file; a new opt-in brings them back.' as lever
union all
select 2, 'missing_from_replacement', 'Not in the newest full file; check that the export is complete.'
union all
select 3, 'opted_out', 'Opted out; nothing to do.'
union all
select 3, 'no_identifier', 'Upload an e-mail, phone or postal identifier, or the CEP contact id.'
union all
select 4, 'never_recognised', 'Switch on link tracking, report log-ins to the pixel, or add phone numbers.'
union all
select 4, 'shared_identifier', 'Too many records bear the e-mail, phone, address or contact id; give each its own.'
union all
select 4, 'placeholder_identifier', 'Forms are filled with this value; ask for the real one.'
union all
select 4, 'evidence_expired', 'Not recognised for 90 days; an e-mail that brings them back refreshes it.'
union all
select 5, 'no_partner_cookie', 'Recognised on pages without this partner''s pixel; add it there.'
union all
select 5, 'unsure', 'Too little evidence on too many hands; it grows with the next click or log-in.'
union all
select 5, 'shared_cookie', 'The cookie belongs to too many people, such as a kiosk; nothing to do.'
union all
select 5, 'not_seen_lately', 'This partner has not seen them for 30 days; check that its pixel still fires.'
union all
select 6, 'next_file', 'Goes out with the next nightly file.'

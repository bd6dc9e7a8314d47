{# Confidence of a browser-record pair: how likely it is that this person used this browser, 0 to
   1. A scorecard: points for the best kind of evidence, for how much there is of it, for how
   exclusive and how recent it is, added up and turned into a probability. The weights are fitted
   (confidence_weights.sql); docs/confidence.md says how well they hold.

   Needs the columns basis, own_kinds, own_days, is_browsing, has_rival, browsers_of_record and
   evidence_age_days. #}

{% macro confidence_points() -%}
{%- set weights = confidence_weights() -%}
{%- set groups = {'strong': "basis in ('identify', 'bake', 'read')", 'click': "basis = 'click'", 'weak': 'true'} -%}
    cast(
        case basis
            {%- for basis, points in weights['basis'].items() %} when '{{ basis }}' then {{ points }}{% endfor %}
        end
        + case when is_browsing then 0.0
            {%- for group, condition in groups.items() %} when {{ condition }} then {{ weights['not_browsing'][group] }}{% endfor %}
        end as double
    ) as points_for_kind,
    cast(
        {{ weights['another_kind'] }} * greatest(own_kinds - 1, 0)
        + case
            {%- for group, points in weights['repeated'].items() %} when {{ groups[group] }} then {{ points }}{% endfor %} else 0.0
        end * ln(greatest(own_days, 1)) as double
    ) as points_for_amount,
    cast(
        case when not has_rival then 0.0
            {%- for group, condition in groups.items() %} when {{ condition }} then {{ weights['rival'][group] }}{% endfor %}
        end
        + {{ weights['browsers'] }} * ln(browsers_of_record) as double
    ) as points_for_exclusivity,
    cast({{ weights['month'] }} * evidence_age_days / 30e0 as double) as points_for_recency
{%- endmacro %}

{% macro confidence() -%}
round(least(greatest(1e0 / (1e0 + exp(-(
    points_for_kind + points_for_amount + points_for_exclusivity + points_for_recency
))), 0.001), 0.999), 4)
{%- endmacro %}

{# The kinds of evidence, in a fixed order. #}
{% macro evidence_types(prefix='') -%}
    concat_ws(', ',
        case when {{ prefix }}clicks > 0 then 'click' end,
        case when {{ prefix }}reads > 0 then 'read' end,
        case when {{ prefix }}identifies > 0 then 'identify' end,
        case when {{ prefix }}bakes > 0 then 'bake' end)
{%- endmacro %}

{# A name for the rules by which pairs are judged: it is another one when a weight, a cap or a
   look-back is. #}
{% macro rules_version() -%}
    {%- set caps = ['hot_cookie_records', 'hot_visitor_records', 'hot_key_records', 'cookie_days', 'headline_days'] -%}
    {%- set rules = [confidence_weights()] -%}
    {%- for name in caps %}{% do rules.append(var(name)) %}{% endfor -%}
    {{ return(local_md5(tojson(rules))[:8]) }}
{%- endmacro %}

{# Written by `python -m tests.benchmarks.fit_confidence`; not to be changed by hand. #}
{% macro confidence_weights() %}
{{ return({
    'basis': {'identify': 6.336, 'bake': 5.543, 'read': 4.422, 'click': 3.594, 'shared_same': 5.369, 'shared': 2.528, 'shared_other': 1.232, 'household': 0.362},
    'not_browsing': {'strong': -2.246, 'click': -4.794, 'weak': -0.721},
    'rival': {'strong': -1.197, 'click': -2.598, 'weak': -1.075},
    'another_kind': 0.192,
    'repeated': {'strong': 0.1, 'click': 2.514},
    'browsers': -1.041,
    'month': -0.1,
}) }}
{% endmacro %}

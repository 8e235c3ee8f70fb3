{#
    Usage with everything that rates it, whoever pays: what customers used, and what partners' tariffs make of it. An event can be in
    both, and with several partners; event_key is unique all the same, because a partner's row has a key of its own.

    A view over per-event rows with two consumers: one keeps the rated rows, the other the few without product or price. Without
    tariffs of agreements in the book the second branch reads nothing.
#}

select * from {{ ref('int_usage_guided_products') }}
union all
select * from {{ ref('int_usage_guided_agreements') }}

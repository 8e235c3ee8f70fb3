select
    cast(null as text) as account_id,
    cast(null as text) as reason_code,
    cast(null as text) as detail
where false

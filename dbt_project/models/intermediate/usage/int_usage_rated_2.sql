{{ config(materialized='table', pre_hook=rating_session(workers=0, is_large=true), post_hook="{{ declare_share(2, 'fct_rated_usage') }}") }}

{# The other half of the rated events, a partition of fct_rated_usage; macro rate_usage says how. #}

{{ rate_usage(2) }}

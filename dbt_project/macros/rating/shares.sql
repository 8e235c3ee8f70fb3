{#
    A per-event table is written once: each share by a model of its own, over a connection of its own, and the table that others read
    has the shares' tables as partitions. Publishing moves all of them, without copying a row (assets/publishing/leaf.py).
#}

{# After a share is written, in its own transaction: what the whole table's contract says of null, and which share it is, in one scan.
   Attaching it needs none then. Other engines copy the shares together. #}
{% macro declare_share(share_number, whole) -%}
    {{ return(adapter.dispatch('declare_share')(share_number, whole)) }}
{%- endmacro %}

{% macro postgres__declare_share(share_number, whole) -%}
    alter table {{ this }}
    {%- set columns = graph.nodes['model.' ~ project_name ~ '.' ~ whole].columns if execute else {} %}
    {%- for column in columns.values() %}
    {%- for constraint in column.constraints if constraint.type == 'not_null' %}
        alter column {{ column.name }} set not null,
    {%- endfor %}
    {%- endfor %}
        add constraint share check (share_number = {{ share_number }})
{%- endmacro %}

{% macro duckdb__declare_share(share_number, whole) -%}
    select 1
{%- endmacro %}

{# The table of shares 1, 2, ... whose models are given in that order. Shares that were not built again are still part of the table that
   is replaced: they are taken out of it first, or they would be dropped with it. #}
{% macro table_of_shares(relation, shares) -%}
    create table {{ relation }} (like {{ this.incorporate(path={'identifier': shares[0]}) }}) partition by list (share_number);
    {%- for share in shares %}
    {%- set table = this.incorporate(path={'identifier': share}) %}
    do $share$ declare standing regclass := (select inhparent from pg_inherits where inhrelid = '{{ table }}'::regclass); begin
        if standing is not null then
            execute format('alter table %s detach partition {{ table }}', standing);
        end if;
    end $share$;
    alter table {{ relation }} attach partition {{ table }} for values in ({{ loop.index }});
    {%- endfor %}
    {%- if config.get('contract').enforced %}
    {{ assert_contract(relation, in_order=false) }}
    {%- endif %}
{%- endmacro %}

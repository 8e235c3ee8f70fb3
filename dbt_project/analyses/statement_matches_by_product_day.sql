{# A partner's figures of a month against what was settled, per product and day. One row per figure of either side. #}
{{ statement_matches(statement_figures_by_product_day(), days=statement_days()) }}

-- Usage that an allowance covers is compared with the fees that pay for it.
alter table published.fct_negative_margins
    drop constraint fct_negative_margins_margin_kind_check,
    add constraint fct_negative_margins_margin_kind_check check (margin_kind in ('sharing', 'tariff', 'covered'));

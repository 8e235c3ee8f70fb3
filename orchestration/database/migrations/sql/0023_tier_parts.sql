-- Parts of usage: where a tier's part ends on the counter once its last started block is charged whole.
alter table published.fct_rate_parts
    add column charged_until_quantity numeric(38, 6) check (charged_until_quantity <> 'NaN');

-- Several taxes on one supply: each has its own rule, and its own row on a bill, on the same base.
alter table catalog.tax_rules add column tax_id text not null default 'vat';
alter table catalog.tax_rules drop constraint tax_rules_pkey;
alter table catalog.tax_rules add primary key
    (book_id, supplier_country_code, receiver_country_code, receiver_status, tax_category, tax_id, effective_from);

alter table published.fct_bill_taxes add column tax_id text not null default 'vat';
alter table published.fct_bill_taxes drop constraint fct_bill_taxes_pkey;
alter table published.fct_bill_taxes add primary key
    (bill_run_id, bill_key, tax_category, tax_treatment, tax_rate_percent, tax_id);

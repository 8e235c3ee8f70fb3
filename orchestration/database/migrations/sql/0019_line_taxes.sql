-- Prices with tax: the gross is kept and the tax derived. Null on lines of earlier runs, whose prices were all without tax.
alter table published.fct_applied_billing_rates
    add column is_tax_inclusive boolean,     -- amount_minor + tax_minor is the price that was agreed
    add column tax_minor bigint;             -- tax of the line by itself, for show; the bill's tax is in fct_bill_taxes

-- Corrections of posted charge lines: what a credit or debit note to the customer changed. The customer's document is made
-- where the correction is decided; here it takes back (or gives) the shares of every partner of the line.

create table inbox.line_corrections (
    correction_id text primary key,
    corrected_on date not null,
    line_key uuid not null,
    currency_code text not null,
    amount_minor bigint not null check (amount_minor <> 0),  -- without tax; above 0: the customer is credited
    document_number text not null,                 -- the customer's credit or debit note
    cause text not null,
    requested_by text not null,
    approved_by text not null,
    file_id integer not null references inbox.files,
    line_number integer not null
);

alter table published.fct_adjusted_shares
    drop constraint fct_adjusted_shares_reason_check,
    add constraint fct_adjusted_shares_reason_check check (reason in ('collected', 'bad_debt', 'back_dated', 'corrected'));

-- Whether a correction counts: two people gave it, its line is posted in its currency, and no more is credited than the line is.
create view ledger.line_corrections with (security_invoker = true) as
select corrections.correction_id, corrections.corrected_on, corrections.line_key, corrections.currency_code,
    corrections.amount_minor, corrections.document_number, corrections.cause, bills.bill_number,
    case
        when lower(btrim(corrections.requested_by)) = lower(btrim(corrections.approved_by)) then 'not_approved'
        when lines.line_key is null then 'unknown_line'
        when lines.currency_code <> corrections.currency_code then 'other_currency'
        when sum(corrections.amount_minor)
            filter (where lower(btrim(corrections.requested_by)) <> lower(btrim(corrections.approved_by))) over (
            partition by corrections.line_key order by corrections.corrected_on, corrections.correction_id
        ) * sign(lines.amount_minor)::integer > abs(lines.amount_minor) or lines.amount_minor = 0 then 'beyond_the_line'
        else 'applied'
    end as state
from inbox.line_corrections as corrections
left join ledger.posted_lines as lines using (line_key)
left join ledger.customer_bills as bills using (bill_key);

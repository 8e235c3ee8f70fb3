-- Who bears that a rate moves between the position and the payment. Where the receiver does, it is an adjustment of the next
-- settlement, made from the payment.
alter table catalog.agreements add column receiver_bears_rate_difference boolean not null default false;
alter table inbox.adjustments
    drop constraint from_a_file_or_a_dispute,
    add column payment_id text references ledger.payments,
    add constraint from_one_source
        check (num_nonnulls(file_id, dispute_id, payment_id) = 1 and (file_id is null) = (line_number is null));

-- Every account has a window of its own: its time zone, and the period that ends for it in this run. Accounts of several
-- cycles and zones can share a run; a model never assumes that all of them start at one instant.
alter table inbox.billing_accounts add column time_zone text;   -- null: the operator's

do $$
declare lane text;
begin
    foreach lane in array array['build', 'whatif', 'conformance', 'running'] loop
        execute format('alter table %I.run_scope add column time_zone text', lane);   -- null: the operator's
        -- One window for each account: an outcome, a bill and a counter belong to exactly one period.
        execute format('alter table %I.run_scope drop constraint run_scope_pkey, add primary key (account_id)', lane);
    end loop;
end $$;

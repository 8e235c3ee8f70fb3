-- One schema per lane for dbt, with the few tables a run fills before dbt starts. Models never read a period variable:
-- they join these.
do $$
declare lane text;
begin
    foreach lane in array array['build', 'whatif', 'conformance', 'running'] loop
        execute format('create schema %I', lane);
        execute format($t$
            create table %I.run_inputs (
                bill_run_id integer primary key,
                period_id text not null,
                period_start timestamptz not null,
                period_end timestamptz not null,
                issue_date date not null,
                book_id integer not null,
                sealed_batch_id integer not null,
                time_zone text not null,
                home_currency_code text not null
            )$t$, lane);
        execute format($t$
            create table %I.run_scope (
                bill_run_id integer not null,
                account_id text not null,
                account_number integer not null,   -- small integer for per-event tables, dense within the run
                period_id text not null,
                period_start timestamptz not null,
                period_end timestamptz not null,
                primary key (account_id, period_id)
            )$t$, lane);
    end loop;
end $$;

# ruff: noqa: E501  rows of SQL read best on one line
"""A small posted month for the tests of documents: bills in five languages, a partner, a reseller's own hop.

Belongs here: rows, inserted set-based so that three bills or three hundred cost the same. Belongs elsewhere: expectations
(``test_documents_*.py``); amounts are made up but add up, since documents refuse what does not.
"""

import json

import psycopg

LANGUAGES = ("pl", "en", "de", "uk", "ar")
PERIOD = "2026-10-c01"

_CATALOG = """
    insert into catalog.currencies values ('PLN', 2), ('EUR', 2), ('USD', 2), ('JPY', 0) on conflict do nothing;
    insert into catalog.legal_entities values (%(book)s, 'wisla-pl', 'wisla', 'Wisła Telekom S.A.', 'PL', 'PL5261040828',
        'PLN', 'PL61109010140000071219812874', array['ul. Nadbrzeżna 12', '00-382 Warszawa'], 'WT');
    insert into catalog.offerings values
        (%(book)s, 'mobile', 'simple', 'voice', 'standard', 'wisla-pl', 0, '2026-01-01'),
        (%(book)s, 'video', 'simple', 'ott', 'standard', 'wisla-pl', 0, '2026-01-01');
    insert into catalog.texts
        select %(book)s, kind, id, language, text || ' ' || language
        from (values ('offering', 'mobile', 'Mobile'), ('offering', 'video', 'Video'), ('price', 'mobile/fee', 'Fee'),
            ('price', 'mobile/calls', 'Calls'), ('price', 'video/films', 'Films'), ('agreement', 'films', 'Film rights'))
            as texts (kind, id, text),
            unnest(array['pl', 'en', 'de', 'uk', 'ar']) as languages (language);
    insert into catalog.usage_specifications (usage_specification_code) values ('voice'), ('video');
    insert into catalog.usage_specification_versions
        select %(book)s, usage_specification_id, '{}', array[6]::smallint[],
            array[case usage_specification_code when 'voice' then 's' else 'GB' end]
        from catalog.usage_specifications;
    insert into catalog.prices (book_id, offering_id, price_id, price_kind, currency_code, effective_from,
            usage_specification_id, measure_aggregation, measure_slot, tariff_model, sort_order)
        select %(book)s, offering_id, price_id, kind, currency, '2026-01-01', usage_specification_id, aggregation, slot,
            'per_unit', position
        from (values ('mobile', 'fee', 'recurring', 'PLN', null, null, null, 1),
            ('mobile', 'calls', 'usage', 'PLN', 'voice', 'sum', 1, 2),
            ('video', 'films', 'usage', 'USD', 'video', 'count', null, 1))
            as prices (offering_id, price_id, kind, currency, code, aggregation, slot, position)
        left join catalog.usage_specifications on code = usage_specification_code;
    insert into catalog.agreements (book_id, agreement_id, version, effective_from, known_from, payer_party_id,
            settlement_currency_code, fx_source, settlement_trigger, due_days, document_kind, tax_category, definition)
        values (%(book)s, 'films', '2', '2026-01-01', '2025-12-01', 'wisla', 'EUR', 'ecb', 'billed', 30, 'self_billed',
            'standard', '{}'),
        (%(book)s, 'resale', '1', '2026-01-01', '2025-12-01', 'streamly', 'PLN', 'ecb', 'billed', 30, 'statement',
            'standard', '{}');
    insert into catalog.agreement_terms (book_id, root_agreement_version_id, effective_from)
        select %(book)s, agreement_version_id, '2026-01-01' from catalog.agreements where agreement_id = 'films';
    insert into catalog.agreement_steps (terms_id, step_number, step_rank, hop_number, agreement_version_id, item_id,
            payer_party_id, receiver_party_id, basis, rule, percent, is_kept)
        select terms_id, step, step, hop, agreement_version_id, item, payer, receiver, basis, rule, percent, kept
        from (values (1, 1, 'films', 'content', 'wisla', 'streamly', 'after_discount_ex_tax', 'percent', 70.0, false),
            (2, 1, 'films', 'kept', 'wisla', 'wisla', 'remaining', 'remaining', null, true),
            (3, 2, 'resale', 'studio', 'streamly', 'studio', 'after_discount_ex_tax', 'percent', 10.0, false))
            as steps (step, hop, agreement, item, payer, receiver, basis, rule, percent, kept)
        join catalog.agreements on agreement = agreement_id cross join catalog.agreement_terms;
"""

_INBOX = """
    insert into inbox.batches default values;
    insert into inbox.files (batch_id, feed, feed_kind, file_name, content_sha256, size_bytes, state, received_at)
        values ((select max(batch_id) from inbox.batches), 'parties', 'population', '=cmd|calc!A1.csv', repeat('a', 64), 1,
            'loaded', '2026-10-31');
    insert into inbox.parties (party_id, effective_from, party_kind, name, country_code, tax_status, language_code,
            address_lines, file_id, line_number)
        select id, '2026-01-01', 'organization', name, 'IE', 'business', 'en', array['Dublin'], max_file, 1
        from (values ('streamly', 'Streamly Media Ltd'), ('shop', 'Corner Shop')) as parties (id, name),
            (select max(file_id) from inbox.files) as files (max_file);
    insert into inbox.product_identifiers select 'msisdn', (48600100000 + n)::text, '2026-01-01', null, 'P-' || n,
            (select max(file_id) from inbox.files), n
        from generate_series(1, %(bills)s) as bills (n);
    insert into inbox.row_dispositions (file_id, line_number, disposition, reason_code, characteristic, found, expected,
            raw_line, decided_in_batch_id)
        values ((select max(file_id) from inbox.files), 7, 'rejected', 'not_a_number', 'duration', '=1+1', 'a decimal',
            '=HYPERLINK("x"),-5', (select max(batch_id) from inbox.batches));
"""

# Each account: a fee of 25.00, calls of 10.00 + n grosz, films of 3 x 9.99 USD at 3.64.
_DRAFT = """
    insert into published.fct_applied_billing_rates
        select %(run)s, %(period)s, md5('line' || n || price_id)::uuid, 'A-' || n, 'P-' || n, n, prices.offering_id, null,
            price_id, price_version_id, null, price_kind, case prices.offering_id when 'mobile' then 'voice' else 'ott' end,
            case prices.offering_id when 'video' then 'shop' end, null, 'standard', 'wisla-pl',
            '2026-09-30 22:00+00', '2026-10-31 23:00+00', false, case price_kind when 'usage' then 12 else 0 end,
            case price_id when 'calls' then 5400 when 'films' then 3 else 0 end, case price_id when 'calls' then 600 else 0 end,
            1, currency_code, case price_id when 'fee' then 25 when 'calls' then 10 + n * 0.01 else 29.97 end,
            case currency_code when 'USD' then 'ecb' end, case currency_code when 'USD' then date '2026-10-30' end,
            case currency_code when 'USD' then 3.64 else 1 end, 'PLN',
            case price_id when 'fee' then 2500 when 'calls' then 1000 + n else 10909 end, 1, 0, 0
        from generate_series(1, %(bills)s) as bills (n), catalog.prices;
    insert into published.fct_bill_taxes
        select %(run)s, md5('bill' || n)::uuid, 'standard', 'standard', 23, null, 'PLN', 14409 + n,
            (14409 + n) * 23 / 100, 'PLN', null, null, 1, (14409 + n) * 23 / 100
        from generate_series(1, %(bills)s) as bills (n);
    insert into published.fct_revenue_shares
        select %(run)s, md5('line' || n || 'films')::uuid, hop_number, step_number, terms_id, agreement_version_id,
            agreement_id, item_id, steps.payer_party_id, receiver_party_id, is_kept, 'PLN', 'standard',
            case hop_number when 1 then 10909 else 7636.3 end,
            case step_number when 1 then 7636.3 when 2 then 3272.7 else 763.63 end
        from generate_series(1, %(bills)s) as bills (n), catalog.agreement_steps as steps
        join catalog.agreements using (agreement_version_id);
    insert into published.fct_positions
        select %(run)s, %(period)s, md5('position' || step_number)::uuid, hop_number, agreement_id, agreement_version_id,
            item_id, payer, receiver, is_kept, 'PLN', 'standard', %(bills)s, exact, round(exact)::bigint,
            settlement_currency_code, case settlement_currency_code when 'EUR' then 'ecb' end,
            case settlement_currency_code when 'EUR' then date '2026-10-30' end,
            case settlement_currency_code when 'EUR' then 0.25 else 1 end,
            round(exact * case settlement_currency_code when 'EUR' then 0.25 else 1 end)::bigint
        from (select agreement_version_id, agreement_id, settlement_currency_code, step_number, hop_number, item_id,
                steps.payer_party_id as payer, receiver_party_id as receiver, is_kept,
                %(bills)s * case step_number when 1 then 7636.3 when 2 then 3272.7 else 763.63 end as exact
            from catalog.agreement_steps as steps join catalog.agreements using (agreement_version_id)) as positions;
    insert into published.fct_party_settlements
        select %(run)s, %(period)s, md5('settlement' || item_id)::uuid, payer_party_id, receiver_party_id,
            jsonb_build_object('name', initcap(receiver_party_id), 'address_lines', jsonb_build_array('Dublin'),
                'country_code', 'IE', 'tax_number', 'IE6388047V', 'language_code',
                case item_id when 'content' then 'en' else 'ar' end, 'bank_account', 'IE29AIBK93115212345678'),
            case item_id when 'content' then 'self_billed' else 'statement' end, settlement_currency_code,
            settlement_amount_minor, 'standard', 'reverse_charge', 0, 'reverse_charge', 0, settlement_amount_minor, 0,
            settlement_amount_minor, '2026-12-01', payer_party_id = 'wisla', 0, null
        from published.fct_positions where not is_kept;
    insert into published.fct_account_outcomes
        select %(run)s, %(period)s, 'A-' || n, 'billed' from generate_series(1, %(bills)s) as bills (n);
    insert into published.fct_reconciliation (bill_run_id, check_name, description, currency_code, left_value, right_value,
            rows_looked_at, is_equal)
        values (%(run)s, 'bills_are_lines', 'Bills are the sum of their lines', 'PLN', 1, 1, 1, true);
    insert into published.fct_suspended_usage values (%(run)s, (select max(file_id) from inbox.files), 9,
        md5('event')::uuid, '2026-10-05', 'no_product', '@SUM(A1)');
"""

_LEDGER = """
    insert into ledger.number_series (series_id, prefix, last_number) values ('B/wisla-pl/2026', 'WT/2026', %(bills)s),
        ('S/x', 'SB/wisla/streamly/2026', 1), ('T/x', 'ST/streamly/2026', 1);
    insert into ledger.customer_bills
        select md5('bill' || n)::uuid, %(run)s, 'B/wisla-pl/2026', n, 'WT/2026/' || n, %(period)s, 'A-' || n, 'C-' || n,
            'wisla-pl', (%(languages)s::text[])[1 + n %% 5], 'PLN',
            jsonb_build_object('name', case n when 1 then '=2+5 <b>{{7*7}}</b> Łódź' else 'Customer ' || n end,
                'address_lines', jsonb_build_array('ul. Długa ' || n), 'country_code', 'PL', 'tax_number', null),
            '2026-11-01', '2026-11-15', 3, 14409 + n, (14409 + n) * 23 / 100, 14409 + n + (14409 + n) * 23 / 100
        from generate_series(1, %(bills)s) as bills (n);
    insert into ledger.posted_lines
        select line_key, bill_run_id, md5('bill' || product_number)::uuid, amount_minor, currency_code
        from published.fct_applied_billing_rates where bill_run_id = %(run)s;
    insert into ledger.settlement_documents
        select settlement_key, bill_run_id, case document_kind when 'self_billed' then 'S/x' else 'T/x' end, 1,
            case document_kind when 'self_billed' then 'SB/wisla/streamly/2026/1' else 'ST/streamly/2026/1' end, period_id,
            payer_party_id, receiver_party_id, receiver, document_kind, currency_code, '2026-11-01', due_date,
            position_minor, tax_minor, document_minor, withheld_minor, payment_minor, is_paid_by_operator, 0, null
        from published.fct_party_settlements where bill_run_id = %(run)s;
    insert into ledger.posted_positions
        select position_key, md5('settlement' || item_id)::uuid, settlement_amount_minor, settlement_currency_code
        from published.fct_positions where bill_run_id = %(run)s and not is_kept;
    insert into ledger.settled_shares
        select bill_run_id, agreement_id, '2026-10-01', currency_code, bill_run_id, count(*), sum(amount_exact)
        from published.fct_revenue_shares where bill_run_id = %(run)s group by bill_run_id, agreement_id, currency_code;
    update control.bill_runs set state = 'posted' where bill_run_id = %(run)s;
"""


# Account A-1's video is supplied by the shop, whose invoice the operator writes; everything is sold as Shop Mobile.
SECOND_SUPPLIER = """
    set local session_replication_role = replica;
    insert into catalog.legal_entities select book_id, 'shop-ie', 'shop', 'Corner Shop Ltd', 'IE', 'IE6388047V', 'EUR',
        null, '{Dublin}', 'CS', true from catalog.book_versions;
    insert into catalog.brands select book_id, 'shop-mobile', 'Shop Mobile', 'shop' from catalog.book_versions;
    insert into catalog.customer_roles (book_id, offering_id, legal_entity_id, issuer_legal_entity_id, mandate, brand_id,
            collector_legal_entity_id, revenue_as)
        select book_id, offering_id, case offering_id when 'video' then 'shop-ie' else 'wisla-pl' end, 'wisla-pl',
            case offering_id when 'video' then '2025/9' end, 'shop-mobile', 'wisla-pl', 'principal'
        from catalog.book_versions, (values ('mobile'), ('video')) as offerings (offering_id);
    insert into ledger.number_series (series_id, prefix, last_number) values ('B/shop-ie/2026', 'CS/2026', 1);
    insert into ledger.customer_bills
        select md5('shop')::uuid, bill_run_id, 'B/shop-ie/2026', 1, 'CS/2026/1', period_id, account_id, party_id, 'shop-ie',
            language_code, currency_code, customer, issue_date, due_date, 1, 10909, 0, 10909
        from ledger.customer_bills where account_id = 'A-1';
    update ledger.posted_lines set bill_key = md5('shop')::uuid
        where line_key = (select line_key from published.fct_applied_billing_rates
            where account_id = 'A-1' and offering_id = 'video');
    update ledger.customer_bills set net_minor = 3501, tax_minor = 805, gross_minor = 4306 where bill_number = 'WT/2026/1';
    update published.fct_bill_taxes set base_minor = 3501, tax_minor = 805 where bill_key = md5('bill1')::uuid;
    insert into published.fct_bill_taxes
        select bill_run_id, md5('shop')::uuid, tax_category, 'exempt', 0, null, currency_code, 10909, 0, 'PLN', null, null, 1, 0
        from published.fct_bill_taxes where bill_key = md5('bill1')::uuid;
"""


def post_month(connection: psycopg.Connection, bills: int = 7) -> int:
    """Insert a posted month with so many bills and two settlements, and commit; returns the bill run's id."""
    cursor = psycopg.ClientCursor(connection)
    definition = {"fx_sources": [{"id": "ecb", "name": "European Central Bank"}]}
    book = cursor.execute(
        """insert into catalog.book_versions (book_digest, operator_party_id, time_zone, home_currency, definition)
           values (repeat('b', 64), 'wisla', 'Europe/Warsaw', 'PLN', %s) returning book_id""",
        [json.dumps(definition)],
    ).fetchone()[0]
    given = {"book": book, "bills": bills, "period": PERIOD, "languages": list(LANGUAGES)}
    cursor.execute(_CATALOG, given)
    cursor.execute(_INBOX, given)
    given["run"] = cursor.execute(
        """insert into control.bill_runs (lane, period_id, state, period_start, period_end, issue_date, book_id,
               sealed_batch_id, input_digest, token, code_version)
           values ('build', %(period)s, 'published', '2026-09-30 22:00+00', '2026-10-31 23:00+00', '2026-11-01', %(book)s,
               (select max(batch_id) from inbox.batches), repeat('c', 64), 1, 'test') returning bill_run_id""",
        given,
    ).fetchone()[0]
    cursor.execute(_DRAFT, given)
    cursor.execute(_LEDGER, given)
    connection.commit()
    return given["run"]

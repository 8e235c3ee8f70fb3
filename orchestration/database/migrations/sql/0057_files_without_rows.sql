-- A numbered file without rows is the same bytes month after month, so only the first one is loaded: the others are duplicates
-- of it, and their numbers have come all the same. They were missing, and kept their period from being published.

-- Every number that the book's numbered feeds should have: endless series, and the months asked for ('YYYY-MM'). Up to the
-- highest number that came; for a month that is complete also up to the number of files agreed. Only batches up to the sealed
-- one count: what came later is not in the run.
create or replace function inbox.expected_files(
    asked_book_id integer, first_month text, last_month text, last_complete_month text, sealed_batch_id integer
)
returns table (
    feed text, series text, sequence_number integer, file_id integer, refused_file_name text, accepted_by text
)
language sql stable
begin atomic
    with numberings as (
        select specifications.usage_specification_code as feed,
            (versions.definition #>> '{file,numbering,names}') like '%{month}%' as is_monthly,
            (versions.definition #>> '{file,numbering,first}')::integer as first_number,
            (versions.definition #>> '{file,numbering,files_per_month}')::integer as files_per_month
        from catalog.usage_specification_versions as versions
        join catalog.usage_specifications as specifications using (usage_specification_id)
        where versions.book_id = asked_book_id and versions.definition #>> '{file,numbering,names}' is not null
    ),
    loaded_files as (
        select distinct on (files.feed, files.series, files.sequence_number)
            files.feed, files.series, files.sequence_number, files.file_id
        from inbox.files
        left join inbox.files as first_files on files.first_file_id = first_files.file_id
        where files.sequence_number is not null and files.batch_id <= expected_files.sealed_batch_id
            and (
                files.state = 'loaded'
                or files.state = 'duplicate' and files.feed = first_files.feed and first_files.rows_read = 0
            )
        order by files.feed, files.series, files.sequence_number, files.state = 'loaded' desc
    ),
    last_loaded as (
        select loaded_files.feed, loaded_files.series, max(loaded_files.sequence_number) as last_number
        from loaded_files
        group by loaded_files.feed, loaded_files.series
    ),
    months as (
        select to_char(month_start, 'YYYY-MM') as month
        from generate_series(
            (first_month || '-01')::timestamp, (last_month || '-01')::timestamp, interval '1 month') as month_start
    ),
    all_series as (
        select numberings.feed, last_loaded.series, numberings.first_number, last_loaded.last_number
        from numberings
        join last_loaded on numberings.feed = last_loaded.feed and last_loaded.series = ''
        where not numberings.is_monthly
        union all
        select numberings.feed, months.month, numberings.first_number,
            greatest(last_loaded.last_number, case when months.month <= last_complete_month
                then numberings.first_number + numberings.files_per_month - 1 end)
        from numberings
        cross join months
        left join last_loaded on numberings.feed = last_loaded.feed and last_loaded.series = months.month
        where numberings.is_monthly
    ),
    numbers as (
        select all_series.feed, all_series.series, number
        from all_series
        cross join lateral generate_series(all_series.first_number, all_series.last_number) as number
    )
    select numbers.feed, numbers.series, numbers.number, loaded_files.file_id,
        (
            select max(files.file_name) from inbox.files
            where files.state = 'refused' and files.feed = numbers.feed and files.series = numbers.series
                and files.sequence_number = numbers.number
        ),
        accepted_missing_files.accepted_by
    from numbers
    left join loaded_files on numbers.feed = loaded_files.feed and numbers.series = loaded_files.series
        and numbers.number = loaded_files.sequence_number
    left join inbox.accepted_missing_files on numbers.feed = accepted_missing_files.feed
        and numbers.series = accepted_missing_files.series and numbers.number = accepted_missing_files.sequence_number;
end;

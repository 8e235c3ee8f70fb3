"""The door of usage: the account of every file of a batch adds up (I01, I03, I04, I06).

Belongs here: checks of one batch after it was taken in. Belongs elsewhere: what makes a row bad (ingestion), the same
event in two batches (ingestion's anti-join, and the unique index of a published leaf).
"""

from assets.quality.checks import Door, Relation, Rule, between

# One pass over the batch: what is stored and what became of it, per file. Only decisions of this batch count: a row
# that turns into a conflict later is part of the later batch's account.
_FILES = """
    with decided_rows as (
        select row_dispositions.file_id, row_dispositions.line_number, row_dispositions.disposition,
            row_dispositions.reason_code
        from inbox.row_dispositions
        join inbox.files using (file_id)
        where files.batch_id = $batch_id and row_dispositions.decided_in_batch_id = $batch_id
    ),
    stored_rows as (
        select usage_rows.file_id,
            count(*) filter (where excluded_rows.file_id is null) as stored_accepted,
            coalesce(sum(usage_rows.quantity_units) filter (where excluded_rows.file_id is null), 0) as stored_units,
            count(*) filter (where not isfinite(usage_rows.event_at)) as timeless
        from inbox.usage_rows
        left join (select distinct file_id, line_number from decided_rows) as excluded_rows using (file_id, line_number)
        where usage_rows.batch_id = $batch_id
        group by usage_rows.file_id
    ),
    dispositions as (
        select file_id,
            count(*) filter (where disposition = 'duplicate') as duplicates,
            count(*) filter (where disposition = 'conflict') as conflicts,
            count(*) filter (where disposition = 'rejected') as rejections,
            count(*) filter (where coalesce(reason_code, '') = '') as without_reason
        from decided_rows
        group by file_id
    ),
    loaded_files as (
        select * from inbox.files where batch_id = $batch_id and state = 'loaded' and feed_kind = 'usage'
    )
    select coalesce(loaded_files.file_id, stored_rows.file_id) as file_id,
        loaded_files.file_id is not null as is_loaded,
        loaded_files.rows_read,
        loaded_files.rows_accepted - coalesce(stored_rows.stored_accepted, 0) as accepted_difference,
        loaded_files.rows_duplicate - coalesce(dispositions.duplicates, 0) as duplicate_difference,
        loaded_files.rows_conflict - coalesce(dispositions.conflicts, 0) as conflict_difference,
        loaded_files.rows_rejected - coalesce(dispositions.rejections, 0) as rejected_difference,
        loaded_files.rows_read - coalesce(stored_rows.stored_accepted, 0) - coalesce(dispositions.duplicates, 0)
            - coalesce(dispositions.conflicts, 0) - coalesce(dispositions.rejections, 0) as unaccounted,
        loaded_files.quantity_units_accepted - coalesce(stored_rows.stored_units, 0) as quantity_difference,
        coalesce(dispositions.without_reason, 0) as without_reason,
        coalesce(stored_rows.timeless, 0) as timeless
    from loaded_files
    full join stored_rows on loaded_files.file_id = stored_rows.file_id
    left join dispositions on loaded_files.file_id = dispositions.file_id
"""

DOOR = Door(
    gate="usage_in",
    relations=(
        Relation(
            name="files",
            query=_FILES,
            key="file_id",
            floor=1,
            checks=(
                Rule("every_stored_row_belongs_to_a_loaded_file_of_the_batch", "is_loaded"),
                between("rows_read_are_rows_accounted_for", "unaccounted", 0, 0),
                between("accepted_rows_are_stored", "accepted_difference", 0, 0),
                between("duplicates_are_listed", "duplicate_difference", 0, 0),
                between("conflicts_are_listed", "conflict_difference", 0, 0),
                between("rejections_are_listed", "rejected_difference", 0, 0),
                between("quantity_accepted_is_the_quantity_stored", "quantity_difference", 0, 0),
                between("every_row_not_accepted_has_a_reason", "without_reason", 0, 0),
                between("every_row_has_a_finite_time", "timeless", 0, 0),
            ),
        ),
    ),
)

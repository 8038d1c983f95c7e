-- First start of the database server: half a gibibyte of write-ahead log is laid out before anyone waits for it, as a server has it that ran
-- for a while. Making a file of 16 MiB holds up every commit for some 60 ms; with min_wal_size=512MB checkpoints use these again.
DO $$
BEGIN
    FOR file IN 1 .. 32 LOOP
        PERFORM pg_logical_emit_message(false, 'sluicegate', '');  -- an empty file is not left
        PERFORM pg_switch_wal();
    END LOOP;
END
$$;
CHECKPOINT;

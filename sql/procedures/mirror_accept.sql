-- Refuses changes that do not begin at the very moment that the warehouse
-- shows. An item that came before and went after it has no record in a window
-- that begins earlier.
create or replace procedure mirror.accept()
as $$
declare
    made bigint;
    failed varchar(1024);
begin

select into made count(*)
from etl.landing_window
where mode = 'incremental'
    and exported_from is not null
    and exported_to is not null;
if made <> 1 then
    raise exception 'the run has not said which window of changes it has loaded';
end if;

select into made count(*)
from etl.watermark;
if made <> 1 then
    raise exception 'the warehouse does not know which moment it shows, so no changes can be added: start a full run';
end if;

select into failed case
        when coalesce(announced.table_id, '') <> coalesce(held.table_id, '')
            then 'the table is another one than that of the last run: start a full run'
        when announced.fingerprint <> held.fingerprint
            then 'the model or Nightstar has changed since the mirror was made: start a full run'
        when announced.exported_to <= held.exported_to
            then 'the warehouse shows the end of the window already, or a later moment, and does not go back'
        when announced.exported_from > held.exported_to
            then 'the window begins after the moment that the warehouse shows, so changes in between are missing: start a run that begins there, or a full run'
        when announced.exported_from < held.exported_to
            then 'the window begins before the moment that the warehouse shows, so a row could stay whose item came before that moment and went after it: start a run that begins there, or a full run'
    end
from etl.landing_window as announced
cross join etl.watermark as held;
if failed is not null then
    raise exception '%', failed;
end if;

end;
$$ language plpgsql;

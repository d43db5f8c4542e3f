-- +goose Up

-- urgency is how far from zero the level of a ref's shelf is, while something is wished of the ref: what is due is found in the order in which
-- it is done, without looking at what comes later. The statement that writes work sets it, the triggers keep it.
ALTER TABLE work ADD COLUMN urgency INTEGER NOT NULL DEFAULT 0;
UPDATE work SET urgency = coalesce((SELECT abs(l.quantity) FROM refs r
    JOIN balances l ON l.item = r.shelf_item AND l.kind = 1 /* available */ AND l.name = r.shelf_location
    WHERE r.channel = work.channel AND r.item = work.item AND r.location = work.location), 0)
    WHERE read <> 0 OR push = 1;

-- Queries repeat these conditions word for word, or SQLite does not use the indexes.
CREATE INDEX work_reads_urgent ON work (channel, urgency, read_due, item, location) WHERE read <> 0 AND baseline_state = 0;
CREATE INDEX work_pushes_urgent ON work (channel, urgency, push_due, item, location) WHERE push = 1;

-- +goose StatementBegin
CREATE TRIGGER work_urgency_begins AFTER INSERT ON balances WHEN NEW.kind = 1 /* available */ AND NEW.quantity <> 0
BEGIN
    UPDATE work SET urgency = abs(NEW.quantity) WHERE (read <> 0 OR push = 1)
        AND (channel, item, location) IN (SELECT channel, item, location FROM refs WHERE shelf_item = NEW.item AND shelf_location = NEW.name);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER work_urgency_moves AFTER UPDATE OF quantity ON balances WHEN NEW.kind = 1 /* available */ AND NEW.quantity <> OLD.quantity
BEGIN
    UPDATE work SET urgency = abs(NEW.quantity) WHERE (read <> 0 OR push = 1)
        AND (channel, item, location) IN (SELECT channel, item, location FROM refs WHERE shelf_item = NEW.item AND shelf_location = NEW.name);
END;
-- +goose StatementEnd
-- A ref is tied to another shelf, or all are written anew.
-- +goose StatementBegin
CREATE TRIGGER work_urgency_of_shelf AFTER INSERT ON refs
BEGIN
    UPDATE work SET urgency = coalesce((SELECT abs(l.quantity) FROM balances l
        WHERE l.item = NEW.shelf_item AND l.kind = 1 /* available */ AND l.name = NEW.shelf_location), 0)
        WHERE channel = NEW.channel AND item = NEW.item AND location = NEW.location AND (read <> 0 OR push = 1);
END;
-- +goose StatementEnd

-- Lists come in the order of titles whatever their case; the index that served only the letters
-- as they stand is replaced.
DROP INDEX computer_account;
CREATE INDEX computer_account ON computer (account_id, state, lower(title), id);

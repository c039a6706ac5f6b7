"""The ledger (台账): the sheet of all cases that every office keeps."""

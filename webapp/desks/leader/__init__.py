"""The leader's desk: what is late, what asks for approval, and who owes a reply."""

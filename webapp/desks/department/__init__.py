"""The desk of a department: what its people have to take, mend, answer and help with."""

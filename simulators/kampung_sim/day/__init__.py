"""A village's office through its days: residents, clerks and a head of the village at the real application, by a clock that is moved."""

"""Write a demo office: an invented town, its tables, three months of patrols, known faults."""

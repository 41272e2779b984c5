"""What is written and drawn for readers, and what draws it."""

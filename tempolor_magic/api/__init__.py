"""The service: what it is asked, what it answers. Knows no IPython, no widgets, no polling."""

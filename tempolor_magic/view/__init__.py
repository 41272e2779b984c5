"""A snapshot turned into something to look at: a widget, a static card, a line of text."""

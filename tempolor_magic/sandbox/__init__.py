"""A pretend TemPolor service for trying things out: real HTTP, real music, no credits.

It runs as a process of its own (``python -m tempolor_magic.sandbox``), answers the way the
published service answers, and imports nothing else of this package. It never talks to the real
service and never sees a real token.

A prompt with the words ``please fail`` makes a job that ends FAILED.
"""

"""A pretend TemPolor service for trying things out: real HTTP, real music, no credits.

It runs as a process of its own (``python -m tempolor_magic.sandbox``), answers the way the
published service answers, and imports nothing else of this package. It never talks to the real
service and never sees a real token; for the same reason, accounts can be read but not linked.

Some words show what cannot be ordered otherwise:

- ``please fail`` in a prompt makes a job that ends FAILED;
- ``please no wav`` and ``please no stems`` make one whose file of that format never comes;
- ``slowly`` in the name of a voice makes its cloning outlast the call (202);
- ``no zip`` in the title of a piece to split makes an answer without an archive.
"""

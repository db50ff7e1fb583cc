"""What may go wrong with the library's surroundings and what is handed to it, declared as cases
with their endings.

``python -m tests.faults [GROUP ...]`` (``make faults``) runs them and prints one table;
tests/house/test_faults.py runs the same cases one by one. A case is run in a process of its own,
forked from one that has everything loaded, under a limit of memory and time; after each attempt the
next correct call must give right vectors, and no code may have come out of the data.
"""

"""The interface to the machine: streams, signals, child processes, folders and faults.

It needs only the standard library and rich, so it works when nothing else can be imported.
"""

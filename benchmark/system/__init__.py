"""What stands between a command and the machine: streams, signals, children, places, faults.

It needs the standard library and rich alone, so that it holds when nothing else can be imported.
"""

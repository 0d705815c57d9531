"""Instruments: latency, memory, energy, operations and the roofline."""

"""What is measured of an adapted model: errors, size, latency, memory."""

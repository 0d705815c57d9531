"""Meta-learning methods: one file per method."""

"""Code that methods share: adaptation, budgets, inner and outer loops."""

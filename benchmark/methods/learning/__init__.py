"""What methods share: tasks, budgets, inner loops."""

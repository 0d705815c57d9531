"""Code that optimizers share: schedules, clipping and differentiable updates."""

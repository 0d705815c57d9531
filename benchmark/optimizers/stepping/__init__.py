"""What optimizers share: schedules, clipping, and updates that can be differentiated through."""

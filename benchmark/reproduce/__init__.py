"""One cell run again, stage by stage, and compared with what was published of it."""

"""What speech tells about weights: which inputs they see, and how much each matters."""

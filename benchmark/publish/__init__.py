"""The leaderboard: merges results of several machines and publishes rows and a static site."""

"""The leaderboard: results of several machines merged, as rows, as a static site, on the Hub."""

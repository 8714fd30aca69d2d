"""Convert frames, features, jobs and runs to stored rows and back, without access to a store."""

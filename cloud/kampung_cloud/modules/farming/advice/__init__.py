"""What to do this morning: each rule proposes, the engine ranks, holds and cuts to three."""

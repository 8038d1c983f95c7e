"""The decisions of the land check, one file a question. Pure: time, ids and policy arrive as arguments."""

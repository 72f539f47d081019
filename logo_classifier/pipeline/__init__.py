"""The pipeline of one picture: the desk receives it and looks it up, the sequence classifies it."""

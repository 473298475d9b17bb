"""A bot that wins a game through nothing but the screen, the mouse and the keyboard."""

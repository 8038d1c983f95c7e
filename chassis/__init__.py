"""How messages are carried: the chassis of every service. No business word in it."""

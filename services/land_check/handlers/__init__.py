"""What happens on each command and event: load, ask the rules, save, return the messages caused."""

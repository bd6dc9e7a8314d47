"""The parts every page is made of. They draw; they neither read nor calculate."""

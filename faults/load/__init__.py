"""Who asks: persons and programs that check every byte of every answer, and those that misbehave."""

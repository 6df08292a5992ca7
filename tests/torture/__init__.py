"""The program killed again and again while people write to it over every channel: `make torture`."""

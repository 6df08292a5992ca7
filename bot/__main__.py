"""`python -m bot` is `nhachan`."""

from bot.cli import main

if __name__ == "__main__":
    main()

"""`python -m attachwatch`."""

from attachwatch.cli import main

if __name__ == "__main__":
    main()

"""Run the command line: `python -m logo_classifier`."""

from logo_classifier.cli.program import main

if __name__ == "__main__":
    main()

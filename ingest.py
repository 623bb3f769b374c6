"""Read articles into the index: python ingest.py [FOLDER_OR_FILE ...] [--index DIR]."""

import sys

from kb.cli import main

if __name__ == "__main__":
    sys.exit(main(["ingest", *sys.argv[1:]]))

"""Open the knowledge base as a page in the browser: python chat_app.py [--index DIR] [--host HOST] [--port PORT]."""

import sys

from kb.web.serve import main

if __name__ == "__main__":
    sys.exit(main())

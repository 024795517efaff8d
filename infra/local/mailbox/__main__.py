"""`python -m local.mailbox --port 8082 --config mailbox.json`."""

import argparse
import logging
import sys
from pathlib import Path

from pydantic import ValidationError

from local.serving import serve

from .app import build_app
from .configuration import Configuration


def main() -> None:
    parser = argparse.ArgumentParser(prog="local.mailbox", description="A mailbox that answers in the place of SES.")
    parser.add_argument("--port", type=int, required=True, help="on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--config", type=Path, help="JSON: queue, endpoint, identities, as in infra/local/README.md")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(name)s %(message)s")
    try:
        text = options.config.read_bytes() if options.config else b"{}"
        configuration = Configuration.model_validate_json(text)
    except (OSError, ValidationError) as error:
        sys.exit(f"{options.config}: {error}")
    serve(build_app(configuration), options.port, "Mailbox")


main()

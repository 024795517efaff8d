"""`python -m local.whatsapp --port 8081 --config whatsapp.json`."""

import argparse
import logging
import sys
from pathlib import Path

from pydantic import ValidationError

from local.serving import serve

from .app import build_app
from .configuration import Configuration


def main() -> None:
    parser = argparse.ArgumentParser(prog="local.whatsapp", description="A stand-in for the WhatsApp Cloud API.")
    parser.add_argument("--port", type=int, required=True, help="on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--config", type=Path, help="JSON: app, accounts and numbers, as in infra/local/README.md")
    parser.add_argument("--verbose", action="store_true", help="say why a webhook was refused or dropped")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(name)s %(message)s")
    if options.verbose:
        logging.getLogger("local").setLevel(logging.INFO)
    try:
        text = options.config.read_bytes() if options.config else b"{}"
        configuration = Configuration.model_validate_json(text)
    except (OSError, ValidationError) as error:
        sys.exit(f"{options.config}: {error}")
    serve(build_app(configuration), options.port, "WhatsApp stand-in")


main()

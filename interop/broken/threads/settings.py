"""What the consumer was told: which mistake to make, which habit to have, and where its data is."""
import argparse
import os

cli = argparse.ArgumentParser()
cli.add_argument("--mistake", default="")
cli.add_argument("--habit", default="")
ARGS = cli.parse_args()
M, H = ARGS.mistake, ARGS.habit

PORT = int(os.environ.get("PORT", "8080"))
DATA = os.environ.get("DATA", ".")
LIMIT = 1 << 20
LATE = 1.0  # habit disk-queue: how long the worker takes


class Refused(Exception):
    pass


class Unusable(Exception):
    def __init__(self, why, status=None):
        super().__init__(why)
        self.status = status

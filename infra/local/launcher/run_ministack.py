"""Runs MiniStack, the local AWS, with four of its habits mended.

Run as a file, not as a module: Lambdas inherit this process's environment, so our packages must not be on its
path, or a file missing from the zip would be found in the repository.
"""

import os
import shutil
import tempfile
import threading
import zipfile
from contextvars import ContextVar
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ministack.app import main
from ministack.core import iam_actions, lambda_runtime
from ministack.services import apigateway, scheduler

# It looks for due schedules every ten seconds. Days may pass in seconds here; so late would be days late.
scheduler._SCHEDULE_TICK_INTERVAL = 1

# It tells text from binary by Content-Type alone and replaces what is not UTF-8: a gzipped JSON body would
# reach the function garbled, and no signature over it would hold. AWS hands such a body over in base64.
is_binary: ContextVar[bool] = ContextVar("is_binary", default=False)
judge_content_type = apigateway._v2_request_body_is_text
invoke_lambda_proxy = apigateway._invoke_lambda_proxy


def is_text(body: bytes) -> bool:
    """Whether the body is UTF-8."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


async def invoke_with_raw_body(
    integration: Any,
    api_id: Any,
    stage: Any,
    path: Any,
    method: Any,
    headers: Any,
    body: bytes,
    *rest: Any,
    **named: Any,
) -> Any:
    """MiniStack's own call of a function, which now knows whether the body is text."""
    is_binary.set(bool(body) and ("content-encoding" in headers or not is_text(body)))
    return await invoke_lambda_proxy(integration, api_id, stage, path, method, headers, body, *rest, **named)


def judge_body(content_type: str | None) -> bool:
    """Whether the function gets the body as a string: by its type, unless its bytes say otherwise."""
    return not is_binary.get() and bool(judge_content_type(content_type))


apigateway._invoke_lambda_proxy = invoke_with_raw_body
apigateway._v2_request_body_is_text = judge_body

# It asks policies for the name of the call. AWS knows no action of a batch: who may send a message may send ten
# (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html).
extract_iam_action = iam_actions.extract_iam_action


def name_action(service: str, *request: Any, **named: Any) -> str | None:
    """The action that a policy must allow."""
    action: str | None = extract_iam_action(service, *request, **named)
    return action.removesuffix("Batch") if action and service == "sqs" else action


iam_actions.extract_iam_action = name_action

# It unpacks the layer anew for each process of each function: most of a second, one after the other.
unpacked: dict[Any, Path] = {}
unpacking = threading.Lock()


class SharedZipFile(zipfile.ZipFile):
    """Unpacks what it has unpacked before by linking to those files, which nobody writes to."""

    def extractall(self, path: Any = None, members: Any = None, pwd: bytes | None = None) -> None:
        """`members` and `pwd` are never given here."""
        content = tuple((entry.filename, entry.CRC) for entry in self.infolist())
        with unpacking:
            if content not in unpacked:
                kept = Path(tempfile.mkdtemp(prefix="unpacked-"))
                super().extractall(kept)
                unpacked[content] = kept
        shutil.copytree(unpacked[content], path, copy_function=os.link, dirs_exist_ok=True)


lambda_runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": SharedZipFile})

if __name__ == "__main__":
    main()

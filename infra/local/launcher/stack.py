"""Brings the whole local stack up, says where it is in `stack.json`, and takes it down."""

import fcntl
import json
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.build import build_lambdas, find_host_architecture
from local.launcher.aws import LocalAws, describe_ministack
from local.launcher.deploy import STACK_NAME, Outputs, deploy_stack
from local.launcher.description import Pace, describe_stack
from local.launcher.ports import LOOPBACK, Ports, choose_ports
from local.launcher.processes import Servers
from local.launcher.routes import create_routes
from local.launcher.stand_ins import (
    INBOUND_DOMAIN,
    MetaApp,
    configure,
    describe_front_door,
    describe_mailbox,
    describe_phones,
    describe_post,
    describe_shops,
    describe_store_apis,
    describe_whatsapp,
)
from local.launcher.stores import STORES, invent_access
from local.launcher.warm_up import warming_up
from local.progress import show_step

START_SECONDS = 30  # in which a server must answer


class LocalStack:
    """The one stack of a state folder."""

    def __init__(self, state_folder: Path) -> None:
        self._folder = state_folder
        self._servers = Servers(state_folder)

    @property
    def description_file(self) -> Path:
        return self._folder / "stack.json"

    def read_description(self) -> dict[str, Any] | None:
        """What `stack.json` says of a stack that runs, None when none does."""
        if not (self.description_file.exists() and self._servers.are_alive()):
            return None
        description: dict[str, Any] = json.loads(self.description_file.read_text())
        return description

    def stop(self) -> int:
        """Ends every server of this or of a crashed run and forgets it; returns how many were alive."""
        self.description_file.unlink(missing_ok=True)
        stopped = self._servers.stop()
        shutil.rmtree(self._folder / "scratch", ignore_errors=True)
        return stopped

    def stop_own(self) -> None:
        """Stops what this process started; a newer run in the same folder goes on."""
        with self._hold_lock():
            if self._servers.are_own():
                self.stop()

    def start(self, pace: Pace, *, only_free_ports: bool = False) -> dict[str, Any]:
        """Starts everything and returns the description; whatever fails, nothing is left running."""
        with self._hold_lock():
            self.stop()
            try:
                description = self._start(pace, choose_ports(only_free=only_free_ports))
            except BaseException:
                self.stop()
                raise
            self.description_file.write_text(json.dumps(description, indent=1) + "\n")
            return description

    def raise_if_dead(self) -> None:
        """Raises ServerDied when a server of the stack has ended by itself."""
        self._servers.raise_if_dead()

    @contextmanager
    def _hold_lock(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _start(self, pace: Pace, ports: Ports) -> dict[str, Any]:
        aws = LocalAws(f"http://{LOOPBACK}:{ports.aws}")
        whatsapp_url = f"http://{LOOPBACK}:{ports.whatsapp}"
        mailbox_url = f"http://{LOOPBACK}:{ports.mailbox}"
        shops_url = f"http://{LOOPBACK}:{ports.shops}"
        api_url = f"http://{LOOPBACK}:{ports.api}"
        app = MetaApp.invent()
        aws.adopt()
        self._start_servers(ports, aws, app)
        with show_step("Building the Lambdas", "Lambdas built") as notes:
            build = build_lambdas(find_host_architecture())
            notes += ["unchanged"] if build.was_cached else [build.describe()]
        with show_step("Waiting for the local AWS and the stand-ins", "Local AWS and stand-ins answer"):
            self._wait_for(f"{aws.endpoint_url}/_ministack/health")
            self._wait_for(f"{whatsapp_url}/_/health")
            self._wait_for(f"{mailbox_url}/_/health")
            self._wait_for(f"{shops_url}/_/health")
        with show_step("Deploying template.yaml with sam deploy", "Stack deployed"):
            parameters = {
                "Stage": "local",
                "Architecture": find_host_architecture(),
                "SecondsPerDay": str(pace.seconds_per_day),
                "QueueDelayLimitSeconds": str(pace.queue_delay_limit),
                "DeliveryPatienceSeconds": str(pace.delivery_patience),
                "GraphApiUrl": whatsapp_url,
                "PublicUrl": api_url,
                "InboundDomain": INBOUND_DOMAIN,
            }
            outputs = deploy_stack(aws, build.template, parameters, self._folder / "logs" / "deploy.log")
            api_id = create_routes(aws, STACK_NAME)
            self._open_front_door(ports, api_id)
        with show_step("Adding the stores and pushing their templates", "Stores added, their templates approved"):
            self._write_app_secrets(aws, outputs, app)
            configure(mailbox_url, describe_post(aws, outputs))
            for store in STORES:
                aws.verify_sender(store.from_email.partition("@")[2])
            # Here, since it imports the product's own code: `make down` works while that is half written.
            from local.launcher.add_stores import add_local_stores

            invented = {store.store_id: invent_access(store, shops_url) for store in STORES}
            accesses = {store_id: access for store_id, access in invented.items() if access}
            with warming_up(aws):
                keys = add_local_stores(app.access_token, accesses)
            configure(shops_url, describe_shops(STORES, accesses, keys, api_url))
            # Last, or a hundred approvals would start a crowd of Lambdas just when the first event comes.
            configure(whatsapp_url, {"webhook_url": f"{api_url}/whatsapp"})
        return describe_stack(pace, ports, outputs, app, keys)

    def _start_servers(self, ports: Ports, aws: LocalAws, app: MetaApp) -> None:
        scratch = self._folder / "scratch"
        scratch.mkdir(parents=True)
        phones = self._folder / "whatsapp.json"
        phones.write_text(json.dumps(describe_phones(app, STORES), indent=1))
        self._servers.start("aws", *describe_ministack(ports, scratch))
        self._servers.start("whatsapp", *describe_whatsapp(ports, phones))
        self._servers.start("mailbox", *describe_mailbox(ports, aws))
        self._servers.start("shops", *describe_store_apis(ports))

    def _open_front_door(self, ports: Ports, api_id: str) -> None:
        # The name under which the local AWS knows an API: its own host name, not an address.
        host = f"{api_id}.execute-api.localhost:{ports.aws}"
        self._servers.start("front-door", *describe_front_door(ports, host))
        self._wait_for(f"http://{LOOPBACK}:{ports.api}/")

    def _write_app_secrets(self, aws: LocalAws, outputs: Outputs, app: MetaApp) -> None:
        value = json.dumps({"app_secret": app.app_secret, "verify_token": app.verify_token})
        name = f"{outputs['StackSecretsPrefix']}/meta-app"
        aws.ssm().put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)

    def _wait_for(self, url: str) -> None:
        """Returns when anything answers at `url`; raises ServerDied or TimeoutError."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self._servers.raise_if_dead()
            try:
                with urllib.request.urlopen(url, timeout=2):
                    return
            except urllib.error.HTTPError:
                return  # an answer all the same
            except OSError:
                time.sleep(0.05)
        raise TimeoutError(f"{url} does not answer; look into {self._folder / 'logs'}")

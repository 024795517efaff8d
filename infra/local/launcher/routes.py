"""Creates the HTTP API's routes, which the local AWS leaves out.

SAM writes routes into an OpenAPI body; CloudFormation reads them from there, MiniStack does not.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.launcher.aws import LocalAws

# The end of an integration's address in the body: `…/functions/${ReceiveStoreEvent.Arn}/invocations`.
FUNCTION_REFERENCE = re.compile(r"functions/\$\{(\w+)\.(?:Arn|Alias)\}")

ANY_METHOD = "x-amazon-apigateway-any-method"


@dataclass(frozen=True)
class Route:
    """A route of the API, such as `POST /stores/{store_id}/events`, and its function's logical id."""

    key: str
    function: str


def list_routes(template: Mapping[str, Any], api: str) -> Iterator[Route]:
    """Yields the routes that a template processed by SAM gives to the API with the logical id `api`."""
    paths = template["Resources"][api]["Properties"]["Body"]["paths"]
    for path, methods in paths.items():
        for method, operation in methods.items():
            uri = operation["x-amazon-apigateway-integration"]["uri"]
            found = FUNCTION_REFERENCE.search(uri["Fn::Sub"])
            if found is None:
                raise ValueError(f"no function in the integration of {method} {path}: {uri}")
            verb = "ANY" if method == ANY_METHOD else method.upper()
            yield Route(path if path == "$default" else f"{verb} {path}", found[1])


def find_api(template: Mapping[str, Any]) -> str:
    """The logical id of the template's one HTTP API."""
    (api,) = (name for name, resource in template["Resources"].items() if resource["Type"] == "AWS::ApiGatewayV2::Api")
    return str(api)


def create_routes(aws: LocalAws, stack_name: str) -> str:
    """Gives the deployed API its routes; returns the API's id."""
    cloudformation, gateway = aws.cloudformation(), aws.apigateway()
    template = cloudformation.get_template(StackName=stack_name, TemplateStage="Processed")["TemplateBody"]
    api = find_api(template)
    ids = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for resource in cloudformation.describe_stack_resources(StackName=stack_name)["StackResources"]
    }
    integrations: dict[str, str] = {}
    for route in list_routes(template, api):
        if route.function not in integrations:
            integrations[route.function] = gateway.create_integration(
                ApiId=ids[api],
                IntegrationType="AWS_PROXY",
                IntegrationUri=ids[route.function],
                PayloadFormatVersion="2.0",
            )["IntegrationId"]
        target = f"integrations/{integrations[route.function]}"
        gateway.create_route(ApiId=ids[api], RouteKey=route.key, Target=target)
    return ids[api]

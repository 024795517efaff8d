"""The routes that the laptop creates are those that SAM wrote into the processed template."""

from typing import Any

import pytest

from local.launcher.routes import Route, find_api, list_routes


def make_operation(function: str) -> dict[str, Any]:
    arn = f"arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{{function}.Arn}}"
    integration = {"type": "aws_proxy", "uri": {"Fn::Sub": f"{arn}/invocations"}}
    return {"x-amazon-apigateway-integration": integration}


def make_template(paths: dict[str, Any]) -> dict[str, Any]:
    api = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Body": {"openapi": "3.0.1", "paths": paths}}}
    return {"Resources": {"HttpApi": api, "Stage": {"Type": "AWS::ApiGatewayV2::Stage"}}}


def test_each_method_of_each_path_is_a_route_to_its_function() -> None:
    template = make_template(
        {
            "/stores/{store_id}/events": {"post": make_operation("ReceiveStoreEvent")},
            "/whatsapp": {"get": make_operation("Receive"), "post": make_operation("Receive")},
        }
    )
    assert list(list_routes(template, "HttpApi")) == [
        Route("POST /stores/{store_id}/events", "ReceiveStoreEvent"),
        Route("GET /whatsapp", "Receive"),
        Route("POST /whatsapp", "Receive"),
    ]


def test_a_route_for_any_method_and_the_default_route_keep_their_names() -> None:
    any_method = {"x-amazon-apigateway-any-method": make_operation("Serve")}
    template = make_template({"/console": any_method, "$default": any_method})
    assert [route.key for route in list_routes(template, "HttpApi")] == ["ANY /console", "$default"]


def test_a_route_to_no_function_is_refused() -> None:
    operation = {"x-amazon-apigateway-integration": {"uri": {"Fn::Sub": "https://elsewhere.example"}}}
    with pytest.raises(ValueError, match="get /elsewhere"):
        list(list_routes(make_template({"/elsewhere": {"get": operation}}), "HttpApi"))


def test_the_api_is_found_by_its_type() -> None:
    assert find_api(make_template({})) == "HttpApi"

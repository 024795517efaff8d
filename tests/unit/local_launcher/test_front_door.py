"""The front door changes nothing of a request but the host it is for."""

from local.launcher.front_door import rewrite_head

HOST = "abc.execute-api.localhost:4566"


def test_the_request_goes_to_the_api_under_its_own_host() -> None:
    head = b"POST /stores/kinari/events HTTP/1.1\r\nHost: localhost:8800\r\nContent-Length: 2\r\n\r\n"
    assert rewrite_head(head, HOST) == (
        b"POST /stores/kinari/events HTTP/1.1\r\n"
        b"Host: abc.execute-api.localhost:4566\r\nConnection: close\r\nContent-Length: 2\r\n\r\n"
    )


def test_other_headers_keep_their_bytes_case_and_order() -> None:
    lines = b"X-Shopify-Hmac-SHA256: a+b=\r\nx-UPPER: \xe9\r\nX-Twice: 1\r\nX-Twice: 2"
    rewritten = rewrite_head(b"GET /u/t?a=%20b HTTP/1.1\r\nhOST: x\r\n" + lines + b"\r\n\r\n", HOST)
    assert rewritten.endswith(lines + b"\r\n\r\n")
    assert rewritten.startswith(b"GET /u/t?a=%20b HTTP/1.1\r\n")
    assert rewritten.lower().count(b"\r\nhost:") == 1


def test_the_connection_is_not_kept_for_another_request() -> None:
    head = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n"
    rewritten = rewrite_head(head, HOST)
    assert b"keep-alive" not in rewritten.lower()
    assert b"Connection: close" in rewritten

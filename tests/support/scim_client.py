"""A SCIM client over httpx for scim2-tester, which brings engines for other HTTP libraries only."""

from __future__ import annotations

from typing import Any

import httpx
from scim2_client import BaseSyncSCIMClient


class HttpxScimClient(BaseSyncSCIMClient):
    """Sends what scim2-client prepares through an httpx client whose base address is the SCIM service."""

    def __init__(self, client: httpx.Client) -> None:
        super().__init__()
        self.client = client

    def _stays_under_base_url(self, endpoint: str) -> bool:
        url = self.client.build_request("GET", endpoint).url
        base = self.client.base_url
        return (url.scheme, url.netloc) == (base.scheme, base.netloc) and url.path.startswith(base.path)

    def _parse_json(self, response: Any) -> Any:
        return response.json()

    def request(self, method: str, url: str, **kwargs: Any) -> Any:
        return self.client.request(method, url, **kwargs)

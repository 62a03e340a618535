"""The SCIM service as an app of its own, mounted at /scim/v2: its errors have their own shape."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from scim2_models import (
    Context,
    ListResponse,
    Meta,
    NotFoundException,
    Resource,
    ResourceType,
    Schema,
    SearchRequest,
    UnauthorizedException,
)
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.http_body import json_object
from backend.scim.errors import ScimResponse, error_response, install
from backend.scim.schema import PROVIDER, HmisUser
from backend.scim.users import Users
from backend.words import say
from backend.world import World
from common.bearer import bearer_matches

PATH = "/scim/v2"
Document = Annotated[dict[str, Any], Depends(json_object)]
_Search = SearchRequest[HmisUser]


def _users(request: Request) -> Users:
    return Users(request.app.state.world, _base(request))


Endpoint = Annotated[Users, Depends(_users)]


def create_scim_app(world: World, token: str) -> FastAPI:
    """All endpoints below /scim/v2, for whoever carries the bearer token."""
    guard = Middleware(RequireToken, token=token)
    app = FastAPI(openapi_url=None, redirect_slashes=False, middleware=[guard])
    app.state.world = world
    install(app)

    _add_users(app)
    _add_discovery(app)
    return app


class RequireToken:
    """ASGI middleware: without the token every address answers 401, whether it exists or not."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app = app
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or bearer_matches(Headers(scope=scope).get("authorization"), self.token):
            await self.app(scope, receive, send)
            return
        refused = error_response(UnauthorizedException(detail=say("token_missing")).to_error())
        refused.headers["WWW-Authenticate"] = "Bearer"
        await refused(scope, receive, send)


def _add_users(app: FastAPI) -> None:
    @app.get("/Users")
    def list_users(request: Request, endpoint: Endpoint) -> Response:
        return _answer(endpoint.search(asked := _asked(request)), Context.RESOURCE_QUERY_RESPONSE, asked)

    @app.post("/.search")
    @app.post("/Users/.search")
    def search(endpoint: Endpoint, document: Document) -> Response:
        asked = _Search.model_validate(document, scim_ctx=Context.SEARCH_REQUEST)
        return _answer(endpoint.search(asked), Context.SEARCH_RESPONSE, asked)

    @app.post("/Users")
    def create(request: Request, endpoint: Endpoint, document: Document) -> Response:
        user = endpoint.create(document)
        answer = _answer(user, Context.RESOURCE_CREATION_RESPONSE, _asked(request), status=201)
        answer.headers["Location"] = user.meta.location
        return answer

    @app.get("/Users/{account_id}")
    def get(request: Request, endpoint: Endpoint, account_id: str) -> Response:
        return _answer(endpoint.get(account_id), Context.RESOURCE_QUERY_RESPONSE, _asked(request))

    @app.put("/Users/{account_id}")
    def replace(request: Request, endpoint: Endpoint, account_id: str, document: Document) -> Response:
        user = endpoint.replace(account_id, document)
        return _answer(user, Context.RESOURCE_REPLACEMENT_RESPONSE, _asked(request))

    @app.patch("/Users/{account_id}")
    def patch(request: Request, endpoint: Endpoint, account_id: str, document: Document) -> Response:
        user = endpoint.patch(account_id, document)
        return _answer(user, Context.RESOURCE_PATCH_RESPONSE, _asked(request))

    @app.delete("/Users/{account_id}")
    def delete(endpoint: Endpoint, account_id: str) -> Response:
        endpoint.delete(account_id)
        return Response(status_code=204)


def _add_discovery(app: FastAPI) -> None:
    """RFC 7644, section 4."""

    @app.get("/ServiceProviderConfig")
    def config(request: Request) -> Response:
        found = PROVIDER.config
        assert found is not None
        return _answer(_located(found, "ServiceProviderConfig", f"{_base(request)}/ServiceProviderConfig"))

    @app.get("/ResourceTypes")
    def resource_types(request: Request) -> Response:
        return _listed(ResourceType, [_resource_type(each, request) for each in PROVIDER.resource_types])

    @app.get("/ResourceTypes/{name}")
    def resource_type(request: Request, name: str) -> Response:
        for each in PROVIDER.resource_types:
            if each.name == name:
                return _answer(_resource_type(each, request))
        raise NotFoundException(detail=say("not_found"))

    @app.get("/Schemas")
    def schemas(request: Request) -> Response:
        return _listed(Schema, [_schema(each, request) for each in PROVIDER.schemas])

    @app.get("/Schemas/{urn}")
    def schema(request: Request, urn: str) -> Response:
        for each in PROVIDER.schemas:
            if str(each.id).lower() == urn.lower():
                return _answer(_schema(each, request))
        raise NotFoundException(detail=say("not_found"))


def _resource_type(found: ResourceType, request: Request) -> Any:
    return _located(found, "ResourceType", f"{_base(request)}/ResourceTypes/{found.name}")


def _schema(found: Schema, request: Request) -> Any:
    return _located(found, "Schema", f"{_base(request)}/Schemas/{found.id}")


def _located(resource: Any, kind: str, location: str) -> Any:
    copy = resource.model_copy()
    copy.meta = Meta(resource_type=kind, location=location)
    return copy


def _listed(kind: type[Resource[Any]], found: list[Any]) -> Response:
    listing = ListResponse[kind](  # type: ignore[valid-type]
        total_results=len(found), start_index=1, items_per_page=len(found), resources=found
    )
    return _answer(listing)


def _asked(request: Request) -> Any:
    """The query parameters: filter, order, page and which attributes to return."""
    known = {"filter", "sortBy", "sortOrder", "startIndex", "count", "attributes", "excludedAttributes"}
    return _Search.model_validate(
        {name: value for name, value in request.query_params.items() if name in known}
    )


def _answer(
    message: Any,
    context: Context = Context.RESOURCE_QUERY_RESPONSE,
    asked: Any = None,
    *,
    status: int = 200,
) -> ScimResponse:
    return ScimResponse(message.model_dump(scim_ctx=context, response_parameters=asked), status_code=status)


def _base(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{PATH}"

"""The resources this server publishes: User with the enterprise extension and our own account extension."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    EnterpriseUser,
    ETag,
    Extension,
    Filter,
    Mutability,
    Pagination,
    Patch,
    ResourceType,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    User,
)

ACCOUNT_URN = "urn:hmis-account-help:params:scim:schemas:extension:account:1.0:User"
MOST_RESULTS = 200


class Training(ComplexAttribute):
    """A course completed in the Centralized Training Academy."""

    course: Annotated[str | None, Mutability.read_only, CaseExact.true] = None
    """Which course: `basic` or `retake`."""

    completed_at: Annotated[datetime | None, Mutability.read_only] = None
    """When it was completed."""


class HmisAccount(Extension):
    """What SCIM's `active` cannot say about an HMIS account; computed by the server, hence read-only."""

    __schema__ = URN(ACCOUNT_URN)

    state: Annotated[str | None, Mutability.read_only, CaseExact.true] = None
    """`active`, `inactive`, `locked` or `pending`."""

    last_login: Annotated[datetime | None, Mutability.read_only] = None
    """The last successful login."""

    locked_until: Annotated[datetime | None, Mutability.read_only] = None
    """When the lock opens by itself; only while `state` is `locked`."""

    disabled_reason: Annotated[str | None, Mutability.read_only, CaseExact.true] = None
    """`noLogin`, `administrator`, `midnight` or `neverUsed`; only while `state` is `inactive`."""

    reactivated_on: Annotated[datetime | None, Mutability.read_only] = None
    """The last reactivation."""

    log_in_by: Annotated[datetime | None, Mutability.read_only] = None
    """The local midnight before which the person must log in; only while a reactivation is unused."""

    trainings: Annotated[list[Training] | None, Mutability.read_only] = None
    """Completed courses, oldest first."""


HmisUser = User[EnterpriseUser | HmisAccount]

_SUPPORTED, _UNSUPPORTED = True, False

PROVIDER = ScimProvider(
    models=[User, EnterpriseUser, HmisAccount],
    resource_types=[ResourceType.from_resource(HmisUser)],
    config=ServiceProviderConfig(
        patch=Patch(supported=_SUPPORTED),
        bulk=Bulk(supported=_UNSUPPORTED, max_operations=0, max_payload_size=0),
        filter=Filter(supported=_SUPPORTED, max_results=MOST_RESULTS),
        change_password=ChangePassword(supported=_UNSUPPORTED),
        sort=Sort(supported=_SUPPORTED),
        etag=ETag(supported=_UNSUPPORTED),
        pagination=Pagination(cursor=False, index=True, max_page_size=MOST_RESULTS),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="Bearer",
                description="RFC 6750",
                primary=True,
            )
        ],
    ),
)

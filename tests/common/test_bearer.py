import pytest

from common.bearer import bearer_matches

SECRET = "s3cret-of-the-door"


@pytest.mark.parametrize(
    ("header", "secret", "matches"),
    [
        (f"Bearer {SECRET}", SECRET, True),
        (f"bearer {SECRET}", SECRET, True),
        (f"Bearer  {SECRET} ", SECRET, True),
        (f"Bearer {SECRET}x", SECRET, False),
        (f"Bearer {SECRET[:-1]}", SECRET, False),
        (SECRET, SECRET, False),
        (f"Basic {SECRET}", SECRET, False),
        ("Bearer", SECRET, False),
        ("Bearer ", SECRET, False),
        ("", SECRET, False),
        (None, SECRET, False),
        ("Bearer ", "", False),
        (None, "", False),
        ("Bearer é", "é", True),
        ("Bearer é", SECRET, False),
    ],
)
def test_only_the_whole_secret_matches(header: str | None, secret: str, matches: bool) -> None:
    assert bearer_matches(header, secret) is matches

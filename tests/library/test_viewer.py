"""A person is known by a hash of their token, which says nothing to whoever reads it."""

from __future__ import annotations

from proxy.library import Viewers

TOKEN = "ghu_0123456789"


def test_the_same_token_is_the_same_person_on_every_replica() -> None:
    assert Viewers(b"secret").viewer("t", TOKEN) == Viewers(b"secret").viewer("t", TOKEN)


def test_tokens_tenants_and_secrets_tell_people_apart() -> None:
    viewers = Viewers(b"secret")
    keys = {
        viewers.viewer("t", TOKEN).key,
        viewers.viewer("u", TOKEN).key,
        viewers.viewer("t", TOKEN + "0").key,
        Viewers(b"other").viewer("t", TOKEN).key,
    }
    assert len(keys) == 4


def test_nothing_of_the_token_is_shown() -> None:
    viewer = Viewers(b"secret").viewer("t", TOKEN)
    assert TOKEN not in repr(viewer)
    assert TOKEN.encode() not in viewer.key
    assert len(viewer.key) == 32  # never the empty key of what is public

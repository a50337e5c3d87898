"""OpenAI's own client against POST /v1/moderations."""

import asyncio

import openai
import pytest


@pytest.fixture
def client(server):
    return openai.OpenAI(base_url=f"{server.url}/v1", api_key=server.key)


def test_one_text(client, comments):
    harmless, toxic = (client.moderations.create(input=comment).results[0] for comment in comments)
    assert (harmless.flagged, toxic.flagged) == (False, True)
    assert toxic.categories.harassment
    assert 0 <= harmless.category_scores.harassment < 0.5 < toxic.category_scores.harassment <= 1


def test_many_texts_in_order(client, comments):
    answer = client.moderations.create(model="omni-moderation-latest", input=comments * 10)
    assert [result.flagged for result in answer.results] == [False, True] * 10
    assert answer.id.startswith("modr-")
    assert answer.model.startswith("rutox-")


def test_parts_of_one_message(client, comments):
    parts = [{"type": "text", "text": comment} for comment in comments]
    (result,) = client.moderations.create(input=parts).results
    assert result.flagged


def test_errors_are_those_of_the_client(client, server):
    with pytest.raises(openai.BadRequestError) as caught:
        client.moderations.create(input=[{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}])
    assert caught.value.type == "invalid_request_error"
    stranger = openai.OpenAI(base_url=f"{server.url}/v1", api_key="not-one-of-the-keys")
    with pytest.raises(openai.AuthenticationError) as caught:
        stranger.moderations.create(input="Привет")
    assert caught.value.code == "invalid_api_key"


def test_async(server, comments):
    async def flagged() -> list[bool]:
        async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key=server.key) as client:
            answers = await asyncio.gather(*(client.moderations.create(input=comment) for comment in comments))
            return [answer.results[0].flagged for answer in answers]

    assert asyncio.run(flagged()) == [False, True]

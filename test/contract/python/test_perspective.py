"""Google's client, which builds itself from the discovery document."""

import pytest
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError


def connect(server, key: str):
    return build(
        "commentanalyzer",
        "v1alpha1",
        developerKey=key,
        discoveryServiceUrl=f"{server.url}/$discovery/rest?version=v1alpha1",
        static_discovery=False,
    )


@pytest.fixture
def client(server):
    with connect(server, server.key) as service:
        yield service


def request(text: str, **fields) -> dict:
    return {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}, **fields}


def test_analyze(client, comments):
    answers = [client.comments().analyze(body=request(comment)).execute() for comment in comments]
    harmless, toxic = (answer["attributeScores"]["TOXICITY"]["summaryScore"]["value"] for answer in answers)
    assert 0 <= harmless < 0.5 < toxic <= 1
    assert answers[0]["languages"] == ["ru"]


def test_sentences(client, comments):
    text = ". ".join(comments)
    answer = client.comments().analyze(body=request(text, spanAnnotations=True, clientToken="t")).execute()
    spans = answer["attributeScores"]["TOXICITY"]["spanScores"]
    assert [span["score"]["value"] > 0.5 for span in spans] == [False, True]
    assert text[spans[1]["begin"] : spans[1]["end"]].strip() == comments[1]
    assert answer["clientToken"] == "t"


def test_suggest_score(client, comments):
    body = {"comment": {"text": comments[0]}, "attributeScores": {"TOXICITY": {"summaryScore": {"value": 0}}}}
    answer = client.comments().suggestscore(body={**body, "clientToken": "comment:1"}).execute()
    assert answer["clientToken"] == "comment:1"


def test_errors_are_those_of_the_client(client, server, comments):
    with pytest.raises(HttpError) as caught:
        client.comments().analyze(body=request("")).execute()
    assert caught.value.status_code == 400
    assert caught.value.error_details[0]["errorType"] == "COMMENT_EMPTY"
    with pytest.raises(HttpError, match="API key not valid"):
        connect(server, "not-one-of-the-keys").comments().analyze(body=request(comments[0])).execute()

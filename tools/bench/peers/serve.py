"""One JSON question a line on stdin, one JSON answer a line on stdout: {"verb": …, its arguments} → a result or {"error": …}."""

import json
import sys


def serve(verbs: dict) -> None:
    # Whatever a library prints goes to stderr: stdout carries answers only.
    out, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        print(json.dumps(answer(verbs, json.loads(line))), file=out, flush=True)


def answer(verbs: dict, question: dict) -> dict:
    verb = verbs[question.pop("verb")]
    try:
        return verb(**question)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else ''}"}

"""Tells ringback what this consumer knows of a conversation: GET /calls/CONVERSATION.

Adapt channels_of to your own store; it must tell what your program believes, so do not compute it
from the notifications again. Leave out a member that you do not keep: it is not compared then. So
seconds has all seven phases, or is left out as a whole: a phase that is missing in it counts as 0.
For tests only: never serve it in production.

    python3 state.py
    ringback examine --to http://127.0.0.1:8080/events --state 'http://127.0.0.1:8081/calls/{conversationId}'
"""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


def channels_of(conversation_id):
    """Returns the channels of a conversation; none if the conversation is not known."""
    # rows = db.execute("SELECT * FROM channels WHERE conversation_id = ?", (conversation_id,))
    rows = []
    return [
        {
            "channelId": row["channel_id"],  # required; all other members are optional
            "interactionId": row["interaction_id"],
            "agentId": row["agent_id"],  # text: 0150 is not 150
            "role": row["role"],  # external, agent, monitor or voicemail
            "phase": row["phase"],  # alerting, connected, held, parked, interrupted, unexpected, wrap, ended
            "notifications": row["notifications"],  # different ones: by source and id
            "seconds": {  # how long it was in each phase, with fractions; a missing phase counts as 0
                "alerting": row["alerting"].total_seconds(),
                "connected": row["connected"].total_seconds(),
                "held": row["held"].total_seconds(),
                "parked": row["parked"].total_seconds(),
                "interrupted": row["interrupted"].total_seconds(),
                "unexpected": row["unexpected"].total_seconds(),
                "wrap": row["wrap"].total_seconds(),
            },
        }
        for row in rows
    ]


class State(BaseHTTPRequestHandler):
    def do_GET(self):
        _, _, conversation_id = self.path.rpartition("/calls/")
        channels = channels_of(unquote(conversation_id)) if conversation_id else []
        body = json.dumps({"channels": channels}).encode() if channels else b""
        self.send_response(200 if channels else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8081"))), State).serve_forever()

// snippets.js holds a consumer in four languages. Each listens where the subscription's URL points,
// checks every signature and prints what came.

// place is the port and the path of a URL, as far as it can be read.
function place(url) {
  try {
    const u = new URL(url);
    return { port: Number(u.port) || (u.protocol === "https:" ? 443 : 80), path: u.pathname };
  } catch {
    return { port: 8080, path: "/events" };
  }
}

const quoted = (text) => JSON.stringify(text); // a text literal in all four languages

const node = (url, secret) => {
  const { port, path } = place(url);
  return `import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import express from "express";

const key = Buffer.from(${quoted(secret)}, "base64");
const seen = new Set(); // a real consumer keeps this in its database

const same = (a, b) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

function genuine(token, body) {
  const [head, claims, signature, more] = (token ?? "").split(".");
  if (!signature || more !== undefined) return false;
  try {
    if (JSON.parse(Buffer.from(head, "base64url")).alg !== "HS256") return false;
    const want = createHmac("sha256", key).update(head + "." + claims).digest("base64url");
    if (!same(signature, want)) return false;
    const { exp, payload_hash } = JSON.parse(Buffer.from(claims, "base64url"));
    const hash = createHash("sha256").update(body).digest("hex");
    return typeof exp === "number" && exp > Date.now() / 1000 && same(String(payload_hash), hash);
  } catch {
    return false;
  }
}

const app = express();
app.use(express.raw({ type: () => true, inflate: false, limit: "1mb" })); // the raw bytes: the signature covers them
app.post(${quoted(path)}, (request, response) => {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0); // there may be none
  if (!genuine(request.get("Vonage-Signature"), body)) return response.sendStatus(401);
  try {
    const { source, id, type, subject } = JSON.parse(body);
    const key = JSON.stringify([source, id]);
    console.log(seen.has(key) ? "again" : "new  ", type, subject);
    seen.add(key);
  } catch (error) {
    console.log("cannot be used:", error.message); // a retry would bring the same bytes
  }
  response.sendStatus(204);
});
app.listen(${port}, "127.0.0.1", () => console.log("listening"));
`;
};

const go = (url, secret) => {
  const { port, path } = place(url);
  return `package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"time"
)

const secret = ${quoted(secret)}

func genuine(key []byte, token string, body []byte) bool {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return false
	}
	var head struct{ Alg string }
	var claims struct {
		Exp         float64
		PayloadHash string \`json:"payload_hash"\`
	}
	if !decode(parts[0], &head) || head.Alg != "HS256" || !decode(parts[1], &claims) {
		return false
	}
	mac := hmac.New(sha256.New, key)
	io.WriteString(mac, parts[0]+"."+parts[1])
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || !hmac.Equal(signature, mac.Sum(nil)) || claims.Exp <= float64(time.Now().Unix()) {
		return false
	}
	sum := sha256.Sum256(body)
	return hmac.Equal([]byte(claims.PayloadHash), []byte(hex.EncodeToString(sum[:])))
}

func decode(part string, v any) bool {
	text, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(text, v) == nil
}

func main() {
	key, err := base64.StdEncoding.DecodeString(secret)
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc(${quoted(`POST ${path}`)}, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil || !genuine(key, r.Header.Get("Vonage-Signature"), body) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		var event struct{ ID, Type, Subject string }
		json.Unmarshal(body, &event)
		fmt.Println(event.Type, event.Subject, event.ID)
		w.WriteHeader(http.StatusNoContent)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:${port}", nil))
}
`;
};

const python = (url, secret) => {
  const { port, path } = place(url);
  return `import base64, hashlib, hmac, json, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = base64.b64decode(${quoted(secret)})


def decode(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def genuine(token, body):
    try:
        head, claims, signature = token.split(".")
        if decode(head)["alg"] != "HS256":
            return False
        digest = hmac.new(KEY, f"{head}.{claims}".encode(), hashlib.sha256).digest()
        want = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not hmac.compare_digest(signature, want):
            return False
        claims = decode(claims)
        return claims["exp"] > time.time() and hmac.compare_digest(
            claims["payload_hash"], hashlib.sha256(body).hexdigest())
    except (ValueError, KeyError, TypeError):
        return False


class Consumer(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 1 << 20))
        if self.path != ${quoted(path)}:
            status = 404
        elif not genuine(self.headers.get("Vonage-Signature", ""), body):
            status = 401
        else:
            try:
                event = json.loads(body)
                print(event["type"], event["subject"], event["id"], flush=True)
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                print("cannot be used:", error, flush=True)  # a retry would bring the same bytes
            status = 204
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", ${port}), Consumer).serve_forever()
`;
};

const csharp = (url, secret) => {
  const { port, path } = place(url);
  return `using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

var key = Convert.FromBase64String(${quoted(secret)});
var app = WebApplication.Create();
app.Urls.Add("http://127.0.0.1:${port}");
app.MapPost(${quoted(path)}, async (HttpRequest request) =>
{
    using var buffer = new MemoryStream();
    await request.Body.CopyToAsync(buffer);
    var body = buffer.ToArray();
    if (!Genuine(request.Headers["Vonage-Signature"].ToString(), body)) return Results.Unauthorized();
    try
    {
        using var e = JsonDocument.Parse(body);
        Console.WriteLine($"{e.RootElement.GetProperty("type")} {e.RootElement.GetProperty("subject")}");
    }
    catch (Exception x) when (x is JsonException or KeyNotFoundException or InvalidOperationException)
    {
        Console.WriteLine($"cannot be used: {x.Message}"); // a retry would bring the same bytes
    }
    return Results.NoContent();
});
app.Run();

bool Genuine(string token, byte[] body)
{
    try
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || Decode(parts[0]).GetProperty("alg").GetString() != "HS256") return false;
        var mac = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(parts[0] + "." + parts[1]));
        if (!CryptographicOperations.FixedTimeEquals(Bytes(parts[2]), mac)) return false;
        var claims = Decode(parts[1]);
        if (claims.GetProperty("exp").GetDouble() <= DateTimeOffset.UtcNow.ToUnixTimeSeconds()) return false;
        var hash = Convert.ToHexString(SHA256.HashData(body)).ToLowerInvariant();
        return CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(claims.GetProperty("payload_hash").GetString() ?? ""), Encoding.UTF8.GetBytes(hash));
    }
    catch (Exception x) when (x is FormatException or JsonException or KeyNotFoundException or InvalidOperationException) { return false; }
}

static byte[] Bytes(string part)
{
    var text = part.Replace('-', '+').Replace('_', '/');
    return Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
}

static JsonElement Decode(string part) => JsonDocument.Parse(Bytes(part)).RootElement.Clone();
`;
};

export const languages = [
  { id: "node", name: "Node.js (Express)", file: "consumer.mjs", code: node, needs: "Needs Node.js 18 or newer and Express.", run: "npm install express\nnode consumer.mjs" },
  { id: "go", name: "Go", file: "main.go", code: go, needs: "Needs Go 1.22 or newer and no library.", run: "go run main.go" },
  { id: "python", name: "Python", file: "consumer.py", code: python, needs: "Needs Python 3.8 or newer and no library.", run: "python3 consumer.py" },
  { id: "csharp", name: "C#", file: "Program.cs", code: csharp, needs: "Needs .NET 8 or newer, in a project made by dotnet new web.", run: "dotnet run" },
];

-- wrk's floor: one body and one token, made once.
local file = assert(io.open(os.getenv("BODY"), "rb"))
wrk.method = "POST"
wrk.body = file:read("*a")
wrk.headers["Content-Type"] = "application/cloudevents+json"
wrk.headers["Vonage-Signature"] = os.getenv("TOKEN")
file:close()

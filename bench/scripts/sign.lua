-- wrk's signed mode as one would write it: strings put together in Lua, SHA-256 and HMAC by one
-- call each of OpenSSL. BODY names a file with a body as ringback sends it.
local ffi = require("ffi")
ffi.cdef [[
  unsigned char *SHA256(const unsigned char *d, size_t n, unsigned char *md);
  const void *EVP_sha256(void);
  unsigned char *HMAC(const void *md, const void *key, int key_len, const unsigned char *d, size_t n, unsigned char *out, unsigned int *len);
  int EVP_EncodeBlock(unsigned char *t, const unsigned char *f, int n);
  int RAND_bytes(unsigned char *buf, int num);
  struct moment { long s; long ns; };
  int clock_gettime(int clock, struct moment *m);
]]
local function library()
  for _, name in ipairs({ "libcrypto.so.3", "libcrypto.so.1.1", "crypto" }) do
    local ok, found = pcall(ffi.load, name)
    if ok then return found end
  end
  error("no libcrypto")
end
local crypto, C = library(), ffi.C
local secret = os.getenv("SECRET_BYTES")
local md = ffi.new("unsigned char[64]")
local encoded = ffi.new("unsigned char[1024]")
local now = ffi.new("struct moment")

local function base64url(text)
  local n = crypto.EVP_EncodeBlock(encoded, text, #text)
  return (ffi.string(encoded, n):gsub("[+/=]", { ["+"] = "-", ["/"] = "_", ["="] = "" }))
end

local digits = {}
for i = 0, 255 do digits[string.char(i)] = string.format("%02x", i) end
local function hex(text)
  return (text:gsub(".", digits))
end

local letters = ffi.new("unsigned char[63]", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
local function id()
  crypto.RAND_bytes(md, 27)
  for i = 0, 26 do md[i] = letters[md[i] % 62] end
  return ffi.string(md, 27)
end

local function uuid()
  crypto.RAND_bytes(md, 16)
  local h = hex(ffi.string(md, 16))
  return h:sub(1, 8) .. "-" .. h:sub(9, 12) .. "-4" .. h:sub(14, 16) .. "-a" .. h:sub(18, 20) .. "-" .. h:sub(21, 32)
end

local file = assert(io.open(os.getenv("BODY"), "rb"))
local text = file:read("*a")
file:close()
local before, between, middle, rest = text:match('^(.-"id":")[^"]*(".-"time":")[^"]*(".-"timestamp":")[^"]*(".*)$')
local header = base64url('{"alg":"HS256","typ":"JWT"}')
local second, date = 0, ""
local fields = { ["Content-Type"] = "application/cloudevents+json" }

function request()
  C.clock_gettime(0, now)
  local s, ms = tonumber(now.s), math.floor(tonumber(now.ns) / 1e6)
  if s ~= second then second, date = s, os.date("!%Y-%m-%dT%H:%M:%S", s) end
  local moment = date .. string.format(".%03d", ms)
  local body = before .. id() .. between .. moment .. "0000Z" .. middle .. moment .. "Z" .. rest
  crypto.SHA256(body, #body, md)
  local claims = string.format('{"iat":%d,"jti":"%s","iss":"Vonage","payload_hash":"%s","exp":%d}', s, "%s", hex(ffi.string(md, 32)), s + 300)
  local signed = header .. "." .. base64url(string.format(claims, uuid()))
  crypto.HMAC(crypto.EVP_sha256(), secret, #secret, signed, #signed, md, nil)
  fields["Vonage-Signature"] = signed .. "." .. base64url(ffi.string(md, 32))
  return wrk.format("POST", "/events", fields, body)
end

-- wrk's best signed mode: the whole request lies in one buffer, of which each call
-- rewrites the id, the moments and the token in place. Hashing is OpenSSL's, by way of the
-- low-level functions: they need no lookup of an algorithm, and the HMAC's keyed states are
-- copied instead of made anew. BODY names a file with a body as ringback sends it.
local ffi = require("ffi")
ffi.cdef [[
  typedef struct { uint32_t h[8]; uint32_t Nl, Nh; uint32_t data[16]; unsigned int num, md_len; } SHA256_CTX;
  int SHA256_Init(SHA256_CTX *c);
  int SHA256_Update(SHA256_CTX *c, const void *data, size_t len);
  int SHA256_Final(unsigned char *md, SHA256_CTX *c);
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

-- Tables: byte to two hexadecimal digits, 12 bits to two letters of Base64.
local hex, b64 = ffi.new("uint16_t[256]"), ffi.new("uint16_t[4096]")
for i = 0, 255 do
  local t = string.format("%02x", i)
  hex[i] = t:byte(1) + 256 * t:byte(2)
end
local letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
for i = 0, 4095 do
  b64[i] = letters:byte(bit.rshift(i, 6) + 1) + 256 * letters:byte(bit.band(i, 63) + 1)
end

local function hex_to(dst, src, n)
  local d = ffi.cast("uint16_t *", dst)
  for i = 0, n - 1 do d[i] = hex[src[i]] end
end

-- b64_to writes n bytes; behind src there must be two zero bytes. What is beyond the length
-- is overwritten by whoever writes next.
local function b64_to(dst, src, n)
  local d, at = ffi.cast("uint16_t *", dst), 0
  for i = 0, n - 1, 3 do
    local v = bit.bor(bit.lshift(src[i], 16), bit.lshift(src[i + 1], 8), src[i + 2])
    d[at] = b64[bit.rshift(v, 12)]
    d[at + 1] = b64[bit.band(v, 4095)]
    at = at + 2
  end
end

local inner, outer, work = ffi.new("SHA256_CTX"), ffi.new("SHA256_CTX"), ffi.new("SHA256_CTX")
local sum = ffi.new("unsigned char[40]")
local size = ffi.sizeof("SHA256_CTX")
local function keyed(ctx, pad)
  local block = ffi.new("unsigned char[64]")
  for i = 0, 63 do block[i] = bit.bxor(i < #secret and secret:byte(i + 1) or 0, pad) end
  crypto.SHA256_Init(ctx)
  crypto.SHA256_Update(ctx, block, 64)
end
keyed(inner, 0x36)
keyed(outer, 0x5c)

local buf, total, body_at, body_len, id_at, time_at, stamp_at, token_at
local claims, claims_len, iat_at, jti_at, hash_at, exp_at
local token_head = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
local token_len

local function prepare()
  local file = assert(io.open(os.getenv("BODY"), "rb"))
  local body = file:read("*a")
  file:close()
  local text = '{"iat":0000000000,"jti":"00000000-0000-4000-8000-000000000000","iss":"Vonage","payload_hash":"'
    .. string.rep("0", 64) .. '","exp":0000000000}'
  claims_len = #text
  claims = ffi.new("unsigned char[?]", claims_len + 3)
  ffi.copy(claims, text, claims_len)
  iat_at, jti_at = 7, text:find('"jti":"', 1, true) + 6
  hash_at, exp_at = text:find('hash":"', 1, true) + 6, text:find('"exp":', 1, true) + 5
  token_len = #token_head + math.ceil(claims_len * 4 / 3) + 1 + 43
  local head = "POST /events HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port
    .. "\r\nContent-Type: application/cloudevents+json\r\nContent-Length: " .. #body
    .. "\r\nVonage-Signature: " .. token_head
  local whole = head .. string.rep("0", token_len - #token_head) .. "\r\n\r\n" .. body
  total, token_at = #whole, #head - #token_head
  buf = ffi.new("unsigned char[?]", total + 8)
  ffi.copy(buf, whole, total)
  body_at, body_len = total - #body, #body
  id_at = body_at + body:find('"id":"', 1, true) + 5
  time_at = body_at + body:find('"time":"', 1, true) + 7
  stamp_at = body_at + body:find('"timestamp":"', 1, true) + 12
end

local function digits(dst, value, n)
  for i = n - 1, 0, -1 do
    dst[i] = 48 + value % 10
    value = math.floor(value / 10)
  end
end

local now, second = ffi.new("struct moment"), 0
local fresh = ffi.new("unsigned char[16]")
local lower = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
local base62 = ffi.new("unsigned char[62]", { lower:byte(1, 62) })
local count = 0

local function moments()
  C.clock_gettime(0, now)
  local s, ms = tonumber(now.s), math.floor(tonumber(now.ns) / 1e6)
  if s ~= second then
    second = s
    local text = os.date("!%Y-%m-%dT%H:%M:%S", s)
    ffi.copy(buf + time_at, text, #text)
    ffi.copy(buf + stamp_at, text, #text)
    digits(claims + iat_at, s, 10)
    digits(claims + exp_at, s + 300, 10)
  end
  digits(buf + time_at + 20, ms, 3)
  digits(buf + stamp_at + 20, ms, 3)
end

-- An id of 27 letters: 16 from the random source of the start, the rest a count.
local function identify()
  count = count + 1
  local v = count
  for i = 26, 16, -1 do
    buf[id_at + i] = base62[v % 62]
    v = math.floor(v / 62)
  end
  v = count
  for i = 35, 24, -1 do
    claims[jti_at + i] = hex[v % 16] / 256
    v = math.floor(v / 16)
  end
end

function init(args)
  prepare()
  crypto.RAND_bytes(fresh, 16)
  for i = 0, 15 do buf[id_at + i] = base62[fresh[i] % 62] end
  hex_to(claims + jti_at, fresh, 4)
end

function request()
  moments()
  identify()
  crypto.SHA256_Init(work)
  crypto.SHA256_Update(work, buf + body_at, body_len)
  crypto.SHA256_Final(sum, work)
  hex_to(claims + hash_at, sum, 32)
  local signed = token_len - 44
  b64_to(buf + token_at + #token_head, claims, claims_len)
  ffi.copy(work, inner, size)
  crypto.SHA256_Update(work, buf + token_at, signed)
  crypto.SHA256_Final(sum, work)
  ffi.copy(work, outer, size)
  crypto.SHA256_Update(work, sum, 32)
  crypto.SHA256_Final(sum, work)
  buf[token_at + signed] = 46
  sum[32] = 0
  b64_to(buf + token_at + signed + 1, sum, 32)
  buf[token_at + token_len] = 13
  return ffi.string(buf, total)
end

// A consumer of Vonage Contact Center webhooks in one file: it verifies each notification, stores it once,
// answers, and tells what it knows of a conversation. .NET 8 or newer with Microsoft.Data.Sqlite.
//
// VONAGE_SECRET is the secret in Base64; two, with a comma between them, while it is changed. DATABASE is a file,
// and PORT is where it listens.

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

var keys = Environment.GetEnvironmentVariable("VONAGE_SECRET")!.Split(',').Select(Convert.FromBase64String).ToArray();
if (keys.Any(key => key.Length == 0)) throw new FormatException("VONAGE_SECRET is empty");
var store = new Store(Environment.GetEnvironmentVariable("DATABASE")!);

// part: receive
async Task<int> Receive(HttpRequest request)
{
    var body = await Whole(request);
    if (body == null) return 413;
    try
    {
        VonageSignature.Verify(keys, request.Headers["Vonage-Signature"].ToString(), body, DateTimeOffset.UtcNow);
        store.Add(Notification.Read(body), body);
        return 204;
    }
    catch (Refused why)
    {
        Console.Error.WriteLine($"refused: {why.Message}");
        return 401;
    }
    catch (Unusable why)
    {
        Console.Error.WriteLine($"cannot be used: {why.Message}");
        return 204;
    }
    catch (Exception why) when (why is not IOException)
    {
        Console.Error.WriteLine($"not stored: {why.Message}");
        return 503; // it comes again
    }
}

// Whole is the raw body, or null if it is larger than 1 MiB. No model binding on this route.
static async Task<byte[]?> Whole(HttpRequest request)
{
    var body = new MemoryStream();
    var piece = new byte[16384];
    for (int n; (n = await request.Body.ReadAsync(piece)) > 0;)
    {
        if (body.Length <= 1 << 20) body.Write(piece, 0, n); // whoever stops reading cuts the connection, and cannot answer
    }
    return body.Length > 1 << 20 ? null : body.ToArray();
}
// end

var builder = WebApplication.CreateBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://127.0.0.1:{Environment.GetEnvironmentVariable("PORT")}");
var app = builder.Build();
app.MapPost("/events", async (HttpContext context) => { context.Response.StatusCode = await Receive(context.Request); });
app.MapGet("/calls/{conversation}", (string conversation) => // leave it out of what others can reach
{
    var channels = store.Channels(conversation);
    return channels.Count > 0 ? Results.Json(new { channels }) : Results.NotFound();
});
app.Run();

// part: verify
/// <summary>Answer 401.</summary>
public sealed class Refused : Exception
{
    public Refused(string why) : base(why) { }
}

public static class VonageSignature
{
    /// <summary>Throws Refused unless header is a token for body made with one of the keys (decoded secrets).</summary>
    public static void Verify(byte[][] keys, string header, byte[] body, DateTimeOffset now)
    {
        var parts = header.Split('.');
        if (parts.Length != 3 || header.Length > 8192) throw new Refused("no token");
        if (Text(Decode(parts[0]), "alg") != "HS256") throw new Refused("algorithm");

        bool MadeWith(byte[] key)
        {
            var hmac = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(parts[0] + "." + parts[1]));
            return Same(parts[2], Convert.ToBase64String(hmac).TrimEnd('=').Replace('+', '-').Replace('/', '_'));
        }
        if (!keys.Any(MadeWith)) throw new Refused("wrong key");

        var claims = Decode(parts[1]);
        if (!claims.TryGetProperty("exp", out var exp) || exp.ValueKind != JsonValueKind.Number
            || !(exp.GetDouble() > now.ToUnixTimeMilliseconds() / 1000.0)) throw new Refused("expired");
        var hash = Convert.ToHexString(SHA256.HashData(body)).ToLowerInvariant();
        if (!Same(Text(claims, "payload_hash"), hash)) throw new Refused("hash");
    }

    static JsonElement Decode(string part)
    {
        try
        {
            var text = part.Replace('-', '+').Replace('_', '/');
            var bytes = Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
            using var document = JsonDocument.Parse(bytes);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document.RootElement.Clone();
        }
        catch (Exception error) when (error is FormatException or JsonException) { }
        throw new Refused("malformed");
    }

    static string Text(JsonElement element, string name)
    {
        try
        {
            return element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
                ? value.GetString()! : "";
        }
        catch (InvalidOperationException) { return ""; } // a text that is not Unicode
    }

    static bool Same(string a, string b) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(a), Encoding.UTF8.GetBytes(b));
}
// end

// part: read
/// <summary>Answer 204: a retry would bring the same bytes.</summary>
public sealed class Unusable : Exception
{
    public Unusable(string why) : base(why) { }
}

/// <summary>What a notification says. All behind Id are null unless it is about a channel.</summary>
public sealed record Notification(string Source, string Id, string? Conversation = null, string? Channel = null,
    string? Interaction = null, string? Role = null, string? Agent = null, string? Event = null, long? Ticks = null)
{
    /// <summary>The phases that events begin. disconnected begins none: what follows it at once does.</summary>
    public static readonly (string Kind, string? Phase)[] Begins =
    {
        ("alerted", "alerting"), ("connected", "connected"), ("connectionfailed", "unexpected"), ("held", "held"),
        ("retrieved", "connected"), ("parked", "parked"), ("unparked", "connected"), ("interrupted", "interrupted"),
        ("resumed", "connected"), ("disconnected", null), ("wrapstarted", "wrap"), ("ended", "ended"),
    };

    public static Notification Read(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 512 });
            var m = document.RootElement;
            var data = Object(m, "data");
            string? source = Text(m, "source"), id = Text(m, "id"), type = Text(m, "type");
            if (source == null || id == null || type == null) throw new Unusable("no notification");
            var known = Regex.Match(type, @"\Achannel\.(\w+)\.v[01]\z");
            var kind = known.Groups[1].Value;
            if (!known.Success || !Begins.Any(b => b.Kind == kind)) return new Notification(source, id); // of an agent, or of a type that is new: it is stored as it is
            var channel = Object(data, "channel");
            var party = Object(channel, "party");
            string? conversation = Text(channel, "conversationId"), channelId = Text(channel, "channelId");
            string? interaction = Text(channel, "interactionId"), role = Text(party, "role");
            if (conversation == null || channelId == null || interaction == null || role == null) throw new Unusable("no channel");
            var agent = Text(party, "agentId"); // absent or null unless an agent or a monitor; a text, never a number
            if (agent == null && party.TryGetProperty("agentId", out var other) && other.ValueKind != JsonValueKind.Null) throw new Unusable("an agentId that is no text");
            return new Notification(source, id, conversation.ToLowerInvariant(), channelId.ToLowerInvariant(), interaction.ToLowerInvariant(),
                role, agent, type["channel.".Length..], ToTicks(Text(data, "timestamp")));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new Unusable("no JSON");
        }
    }

    static JsonElement Object(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object
            ? value : throw new Unusable($"no {name}");

    static string? Text(JsonElement of, string name) => // GetString throws where a text is no Unicode
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    /// <summary>A moment with 0 to 7 fractional digits, in units of 100 ns since 1970.</summary>
    static long ToTicks(string? moment)
    {
        var found = Regex.Match(moment ?? "", @"\A(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z\z");
        if (!found.Success || !DateTime.TryParseExact(found.Groups[1].Value, "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var whole)) throw new Unusable("no timestamp");
        var digits = found.Groups[2].Value;
        return (whole - DateTime.UnixEpoch).Ticks + int.Parse(digits[..Math.Min(7, digits.Length)].PadRight(7, '0'), CultureInfo.InvariantCulture);
    }
}
// end

// part: lives
public static class Life
{
    /// <summary>The phases in which events can happen. The order of events that no phase decides is that of Begins.</summary>
    static readonly Dictionary<string, string?> Needs = new()
    {
        ["alerted"] = null, ["connected"] = "alerting", ["connectionfailed"] = "alerting", ["held"] = "connected", ["retrieved"] = "held",
        ["parked"] = "connected", ["unparked"] = "parked", ["interrupted"] = "connected", ["resumed"] = "interrupted",
    };

    /// <summary>The events that lead back from a phase.</summary>
    static readonly Dictionary<string, string> Back = new() { ["held"] = "retrieved", ["parked"] = "unparked", ["interrupted"] = "resumed" };

    /// <summary>The phase that events of a channel lead to, and how many seconds it was in each phase.</summary>
    public static (string? Phase, Dictionary<string, double> Seconds) Of(IEnumerable<Notification> events)
    {
        string? phase = null;
        long since = 0;
        var seconds = new Dictionary<string, double>();
        foreach (var instant in events.GroupBy(n => n.Ticks!.Value).OrderBy(g => g.Key))
        {
            foreach (var next in InOrder(instant.Select(n => n.Event!).ToList(), phase))
            {
                if (next == null || next == phase || phase == "ended") continue; // nothing follows ended
                if (phase != null) seconds[phase] = seconds.GetValueOrDefault(phase) + (instant.Key - since) / 1e7;
                (phase, since) = (next, instant.Key);
            }
        }
        return (phase, seconds);
    }

    /// <summary>The phases that the events of one instant, such as held.v0, begin, in an order in which each event may follow the one before.</summary>
    static List<string?> InOrder(List<string> events, string? phase)
    {
        var often = Notification.Begins.ToDictionary(b => b.Kind, // both versions of an event are one
            b => Math.Max(events.Count(e => e == b.Kind + ".v0"), events.Count(e => e == b.Kind + ".v1")));
        var order = new List<string?>();
        while (true)
        {
            var left = Notification.Begins.Where(b => often[b.Kind] > 0).ToList();
            if (left.Count == 0) return order;
            var fits = left.Where(b => Needs.TryGetValue(b.Kind, out var need) && need == phase).ToList();
            // Of several that fit, one goes first from which there is a way back; if none fits, one is still to come.
            var back = fits.Where(b => Back.TryGetValue(b.Kind, out var way) && often[way] > 0);
            var next = back.Concat(fits).Concat(left).First();
            often[next.Kind]--;
            order.Add(next.Phase);
            phase = next.Phase ?? phase;
        }
    }
}
// end

// part: store
/// <summary>One row for each notification. The primary key makes duplicates harmless, and since the row is the event, a crash
/// leaves both behind or neither.</summary>
public sealed class Store
{
    readonly string connection;

    public Store(string path)
    {
        connection = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 5 }.ToString();
        using var db = Open();
        Command(db, @"
            PRAGMA journal_mode = wal;
            CREATE TABLE IF NOT EXISTS notifications (
              source TEXT NOT NULL, id TEXT NOT NULL, conversation TEXT, channel TEXT, interaction TEXT, role TEXT, agent TEXT,
              event TEXT, ticks INTEGER, body BLOB NOT NULL, PRIMARY KEY (source, id));
            CREATE INDEX IF NOT EXISTS by_conversation ON notifications (conversation, ticks);
            ").ExecuteNonQuery();
    }

    public void Add(Notification n, byte[] body)
    {
        using var db = Open();
        Command(db, "INSERT OR IGNORE INTO notifications VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9)",
            n.Source, n.Id, n.Conversation, n.Channel, n.Interaction, n.Role, n.Agent, n.Event, n.Ticks, body).ExecuteNonQuery();
    }

    public List<object> Channels(string conversation)
    {
        using var db = Open();
        using var rows = Command(db, "SELECT source, id, conversation, channel, interaction, role, agent, event, ticks FROM notifications WHERE conversation = $0 ORDER BY ticks",
            conversation.ToLowerInvariant()).ExecuteReader();
        var all = new List<Notification>();
        string? TextAt(int i) => rows.IsDBNull(i) ? null : rows.GetString(i);
        while (rows.Read())
        {
            all.Add(new Notification(rows.GetString(0), rows.GetString(1), TextAt(2), TextAt(3), TextAt(4), TextAt(5), TextAt(6), TextAt(7), rows.GetInt64(8)));
        }
        return all.GroupBy(n => n.Channel).Select<IGrouping<string?, Notification>, object>(of =>
        {
            var (phase, seconds) = Life.Of(of);
            var first = of.First();
            return new { channelId = of.Key, interactionId = first.Interaction, role = first.Role, agentId = first.Agent, phase, seconds, notifications = of.Count() };
        }).ToList();
    }

    SqliteConnection Open()
    {
        var db = new SqliteConnection(connection);
        db.Open();
        return db;
    }

    static SqliteCommand Command(SqliteConnection db, string text, params object?[] values)
    {
        var command = db.CreateCommand();
        command.CommandText = text;
        for (var i = 0; i < values.Length; i++) command.Parameters.AddWithValue($"${i}", values[i] ?? DBNull.Value);
        return command;
    }
}
// end

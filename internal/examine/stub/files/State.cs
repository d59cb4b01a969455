// Tells ringback what this consumer knows of a conversation: GET /calls/CONVERSATION.
//
// Adapt ChannelsOf to your own store; it must tell what your program believes, so do not compute it from
// the notifications again. Leave out a member that you do not keep: it is not compared then. So seconds has all
// seven phases, or is left out as a whole: a phase that is missing in it counts as 0. For tests only: never serve
// it in production. It is the Program.cs of an ASP.NET Core project:
//
//   dotnet new web && dotnet run
//   ringback examine --to http://127.0.0.1:8080/events --state 'http://127.0.0.1:8081/calls/{conversationId}'
using System.Text.Json.Serialization;

var app = WebApplication.CreateBuilder(args).Build();

app.MapGet("/calls/{conversation}", async (string conversation) =>
{
    var channels = await ChannelsOf(conversation);
    return channels.Count == 0 ? Results.NotFound() : Results.Json(new { channels });
});

app.Run($"http://127.0.0.1:{Environment.GetEnvironmentVariable("PORT") ?? "8081"}");

// ChannelsOf returns the channels of a conversation; none if the conversation is not known.
static async Task<List<Channel>> ChannelsOf(string conversation)
{
    // await using var command = database.CreateCommand("SELECT … FROM channels WHERE conversation_id = $1");
    await Task.CompletedTask;
    return [];
}

// A channel. All members but channelId are optional: null is left out, and not compared.
record Channel(
    [property: JsonPropertyName("channelId")] string ChannelId,
    [property: JsonPropertyName("interactionId"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? InteractionId,
    [property: JsonPropertyName("agentId"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? AgentId, // text: 0150 is not 150
    [property: JsonPropertyName("role"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Role,
    [property: JsonPropertyName("phase"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Phase,
    [property: JsonPropertyName("notifications"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Notifications,
    [property: JsonPropertyName("seconds"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Seconds? Seconds); // null: not compared

// Seconds is how long a channel was in each phase, with fractions. All seven are compared.
record Seconds(
    [property: JsonPropertyName("alerting")] double Alerting,
    [property: JsonPropertyName("connected")] double Connected,
    [property: JsonPropertyName("held")] double Held,
    [property: JsonPropertyName("parked")] double Parked,
    [property: JsonPropertyName("interrupted")] double Interrupted,
    [property: JsonPropertyName("unexpected")] double Unexpected,
    [property: JsonPropertyName("wrap")] double Wrap);

using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Features.Sessions;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Server.Authentication;

namespace Weir.ControlPlane.Server.Api;

internal static class SessionsApi
{
    private static readonly byte[] NewLine = [(byte)'\n'];

    public static void MapSessions(this RouteGroupBuilder api)
    {
        api.MapGet("/sessions", ([AsParameters] Paging page, string? principal, string? connection, bool? live, Caller caller) =>
            caller.SendAsync(new ListSessions.Query(principal, connection, live, page.After, page.Size)));
        api.MapGet("/sessions/{id:guid}", ShowAsync).WithSummary("A session with its statements.");
        api.MapGet("/sessions/{id:guid}/replay", ReplayAsync).WithSummary("A session's events in order, with the masked answers as far as they were recorded.");
        api.MapGet("/sessions/{id:guid}/watch", (Guid id, Caller caller, IClusterSignals signals) => TypedResults.ServerSentEvents(WatchAsync(id, caller, signals, caller.Aborted)))
            .WithSummary("The replay of a session, followed while it lives, as server-sent events.");
        api.MapGet("/sessions/{id:guid}/export", ExportAsync).WithSummary("The recording itself as JSON lines: session, events with the bytes that were hashed, seal.");
        api.MapPost("/sessions/{id:guid}/kill", (Guid id, ReasonBody? body, Caller caller) => caller.SendAsync(new KillSession.Command(id, body?.Reason)));
    }

    private static async Task<JsonObject> ShowAsync(Guid id, long? afterStatement, int? limit, Caller caller)
    {
        var found = await caller.SendAsync(new GetSession.Query(id, afterStatement ?? 0, limit ?? GetSession.MaxStatements));
        var shown = Node(found.Session).AsObject();
        shown["statements"] = Node(found.Statements);
        shown["nextStatement"] = found.NextStatement;
        return shown;
    }

    private static async Task<Page<JsonObject>> ReplayAsync(Guid id, [AsParameters] Paging page, Caller caller)
    {
        var found = await caller.SendAsync(new ReplaySession.Query(id, AfterOf(page), page.Size));
        return new([.. found.Items.Select(Flat)], found.Next?.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private static async IAsyncEnumerable<JsonObject> WatchAsync(
        Guid id, Caller caller, IClusterSignals signals, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var changes = signals.FollowAsync(caller.Actor.Organization, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await changes.MoveNextAsync();
        long after = 0;
        while (true)
        {
            var found = await caller.SendAsync(new ReplaySession.Query(id, after));
            foreach (var item in found.Items)
            {
                after = item.Sequence;
                yield return Flat(item);
            }

            if (found.Next is not null)
            {
                continue;
            }

            if (found.Session.Status != "live")
            {
                yield break;
            }

            do
            {
                if (!await changes.MoveNextAsync())
                {
                    yield break;
                }
            }
            while (changes.Current is { } signal && (signal is not SessionChanged changed || changed.Session.Value != id));
        }
    }

    private static async Task ExportAsync(Guid id, Caller caller, HttpResponse response)
    {
        var part = await caller.SendAsync(new ExportSession.Query(id));
        response.ContentType = "application/x-ndjson";
        response.Headers.ContentDisposition = $"attachment; filename=\"session-{id}.jsonl\"";
        await WriteLineAsync(response, "session", part.Session, caller.Aborted);
        while (true)
        {
            foreach (var item in part.Events)
            {
                await WriteLineAsync(response, "event", item, caller.Aborted);
            }

            if (part.Next is not { } next)
            {
                break;
            }

            part = await caller.SendAsync(new ExportSession.Query(id, next));
        }

        if (part.Seal is { } seal)
        {
            await WriteLineAsync(response, "seal", seal, caller.Aborted);
        }
    }

    private static async Task WriteLineAsync<T>(HttpResponse response, string name, T value, CancellationToken cancellationToken)
    {
        await JsonSerializer.SerializeAsync(response.Body, new Dictionary<string, T> { [name] = value }, ApiJson.Options, cancellationToken);
        await response.Body.WriteAsync(NewLine, cancellationToken);
    }

    /// <summary>An event with the members of its kind beside the common ones, as people write filters for it.</summary>
    private static JsonObject Flat(ReplaySession.Event item)
    {
        var flat = Node(item).AsObject();
        foreach (var name in new[] { "started", "received", "copy", "review", "notice", "finished", "ended" })
        {
            if (flat[name] is JsonObject nested)
            {
                foreach (var (key, value) in nested.ToList())
                {
                    nested.Remove(key);
                    flat[key] = value;
                }
            }

            flat.Remove(name);
        }

        foreach (var name in new[] { "columns", "rows" })
        {
            if (flat[name] is null)
            {
                flat.Remove(name);
            }
        }

        return flat;
    }

    private static long AfterOf(Paging page) => page.After is null
        ? 0
        : long.TryParse(page.After, out var after) ? after : throw new BadHttpRequestException("after: not what a page before has given as next");

    private static JsonNode Node<T>(T value) => JsonSerializer.SerializeToNode(value, ApiJson.Options)!;
}

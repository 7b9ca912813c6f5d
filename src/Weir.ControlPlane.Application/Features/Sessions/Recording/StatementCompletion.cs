using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Persistence;

namespace Weir.ControlPlane.Application.Features.Sessions.Recording;

/// <summary>Fills in what statements leave out because an earlier one of their session has it.</summary>
internal sealed class StatementCompletion(WeirDbContext db)
{
    /// <summary>The same events with complete statements. A session whose statement refers to one that is not there is broken from then on; that statement keeps what it says itself.</summary>
    public async Task<List<IngestedEvent>> CompleteAsync(IReadOnlyList<IngestedEvent> events, IReadOnlyDictionary<Guid, RecordingChain> chains, CancellationToken cancellationToken)
    {
        var known = new Dictionary<(Guid Session, long Number), RecordedBody.Statement>();
        var referred = new HashSet<(Guid Session, long Number)>();
        foreach (var e in events.Select(e => e.Event))
        {
            if (e.Body is RecordedBody.Statement { SameAs: 0 } complete)
            {
                known.TryAdd((e.SessionId, complete.Number), complete);
            }
            else if (e.Body is RecordedBody.Statement compact)
            {
                referred.Add((e.SessionId, compact.SameAs));
            }
        }

        foreach (var (reference, statement) in await ReadAsync([.. referred.Where(r => !known.ContainsKey(r))], cancellationToken))
        {
            known.Add(reference, statement);
        }

        return [.. events.Select(e => Complete(e, known, chains))];
    }

    /// <summary>Statements as they were stored: complete. One query, however many sessions they are of.</summary>
    public async Task<Dictionary<(Guid Session, long Number), RecordedBody.Statement>> ReadAsync(IReadOnlyCollection<(Guid Session, long Number)> references, CancellationToken cancellationToken)
    {
        if (references.Count == 0)
        {
            return [];
        }

        var sessions = references.Select(r => r.Session).ToArray();
        var numbers = references.Select(r => r.Number).ToArray();
        var stored = await db.SessionStatements
            .FromSql($"SELECT s.* FROM session_statements s JOIN unnest({sessions}, {numbers}) AS r (session_id, number) ON s.session_id = r.session_id AND s.number = r.number")
            .AsNoTracking()
            .ToListAsync(cancellationToken);
        return stored.ToDictionary(
            s => (s.SessionId.Value, s.Number),
            s => new RecordedBody.Statement(s.Number, s.Text, [], s.Decision, s.Reasons, s.Effects, s.Relations, s.SnapshotVersion, s.FullLength, s.Protocol, s.Command));
    }

    private static IngestedEvent Complete(
        IngestedEvent e, Dictionary<(Guid Session, long Number), RecordedBody.Statement> known, IReadOnlyDictionary<Guid, RecordingChain> chains)
    {
        if (e.Event.Body is not RecordedBody.Statement { SameAs: > 0 } compact)
        {
            return e;
        }

        if (known.TryGetValue((e.Event.SessionId, compact.SameAs), out var earlier))
        {
            return e with { Event = e.Event with { Body = compact.CompleteWith(earlier) } };
        }

        chains[e.Event.SessionId].Break($"event {e.Event.Sequence} refers to statement {compact.SameAs}, which is not there");
        return e;
    }
}

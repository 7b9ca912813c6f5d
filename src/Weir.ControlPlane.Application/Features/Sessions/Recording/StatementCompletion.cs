using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Sessions;

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

        foreach (var session in referred.Where(r => !known.ContainsKey(r)).ToLookup(r => r.Session, r => r.Number))
        {
            foreach (var (number, statement) in await ReadAsync(new SessionId(session.Key), [.. session], cancellationToken))
            {
                known.Add((session.Key, number), statement);
            }
        }

        return [.. events.Select(e => Complete(e, known, chains))];
    }

    /// <summary>Statements of a session as they were stored: complete.</summary>
    public async Task<Dictionary<long, RecordedBody.Statement>> ReadAsync(SessionId session, IReadOnlyCollection<long> numbers, CancellationToken cancellationToken)
    {
        var stored = await db.SessionStatements.AsNoTracking().Where(s => s.SessionId == session && numbers.Contains(s.Number)).ToListAsync(cancellationToken);
        return stored.ToDictionary(
            s => s.Number,
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

using System.Security.Cryptography;
using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Application.Features.Sessions.Recording;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Secrets;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Domain.Sessions;

namespace Weir.ControlPlane.Application.Features.Sessions;

/// <summary>
/// Stores a batch of an agent's events: nothing lost, nothing twice. What is returned is durable. An event whose predecessors are missing is not stored
/// and its session's position says so; one that is here already is compared with what was stored first.
/// </summary>
public static class IngestEvents
{
    public const int MaxEvents = 20_000;
    public const int MaxEventLength = 16 * 1024 * 1024;

    /// <param name="Events">Serialized events, exactly as they were hashed.</param>
    [RequirePermission(Permission.ServeAgent)]
    public sealed record Command(IReadOnlyList<ReadOnlyMemory<byte>> Events) : IRequest<Response>
    {
        public override string ToString() => $"ingest {Events.Count} events";
    }

    /// <param name="Positions">Of each session in the batch: the last sequence that is stored, 0 for none.</param>
    public sealed record Response(IReadOnlyList<Position> Positions);

    public sealed record Position(Guid SessionId, long Sequence);

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Events).Must(e => e.Count <= MaxEvents).WithMessage($"At most {MaxEvents} events at a time.");
            RuleForEach(c => c.Events).Must(e => e.Length is > 0 and <= MaxEventLength).WithMessage($"1 to {MaxEventLength} bytes.");
        }
    }

    internal sealed class Handler(
        WeirDbContext db,
        ActorScope scope,
        ChangeJournal journal,
        RecordingWriter writer,
        StatementCompletion completion,
        ISessionEventReader reader,
        ISecretProtector protector,
        TimeProvider time) : IRequestHandler<Command, Response>
    {
        public async ValueTask<Response> Handle(Command request, CancellationToken cancellationToken)
        {
            var events = request.Events.Select(Read).ToList();
            var agent = await db.RequireServingAsync(scope.Actor, cancellationToken);
            var organization = scope.Organization!.Value;
            await writer.LockAgentAsync(agent, cancellationToken);
            var chains = await ReadChainsAsync(events, cancellationToken);
            var accepted = new List<IngestedEvent>();
            var repeated = new List<IngestedEvent>();
            foreach (var session in events.GroupBy(e => e.Event.SessionId))
            {
                Sort(session, chains[session.Key], accepted, repeated);
            }

            await CompareAsync(repeated, accepted, chains, cancellationToken);
            var starts = accepted.Where(e => e.Event is { Sequence: 1 }).Select(e => CheckStart(e.Event)).ToList();
            await writer.InsertSessionsAsync(organization, agent, starts, cancellationToken);
            await writer.InsertEventsAsync(organization, accepted, time.GetUtcNow(), cancellationToken);
            accepted = await completion.CompleteAsync(accepted, chains, cancellationToken);
            await ProjectAsync(accepted, cancellationToken);
            await AdvanceAsync(chains, accepted, cancellationToken);
            return new([.. chains.Values.Select(c => new Position(c.SessionId, c.LastSequence))]);
        }

        private IngestedEvent Read(ReadOnlyMemory<byte> body)
        {
            try
            {
                return new(reader.Read(body), body, SHA256.HashData(body.Span));
            }
            catch (FormatException e)
            {
                throw new ValidationFailedException("events", e.Message);
            }
        }

        private async Task<Dictionary<Guid, RecordingChain>> ReadChainsAsync(List<IngestedEvent> events, CancellationToken cancellationToken)
        {
            var ids = events.Select(e => new SessionId(e.Event.SessionId)).Distinct().ToList();
            var heads = await db.Sessions.AsNoTracking()
                .Where(s => ids.Contains(s.Id))
                .Select(s => new { s.Id, s.AgentId, s.LastSequence, s.LastHash, s.Status })
                .ToListAsync(cancellationToken);
            if (heads.Any(h => h.AgentId != scope.Actor.AgentId))
            {
                throw new ForbiddenException("A session belongs to another agent.");
            }

            var chains = heads.ToDictionary(h => h.Id.Value, h => new RecordingChain(h.Id.Value, h.LastSequence, h.LastHash, h.Status == SessionStatus.Ended));
            foreach (var id in ids.Where(i => !chains.ContainsKey(i.Value)))
            {
                chains.Add(id.Value, RecordingChain.OfNew(id.Value));
            }

            return chains;
        }

        private static void Sort(IEnumerable<IngestedEvent> session, RecordingChain chain, List<IngestedEvent> accepted, List<IngestedEvent> repeated)
        {
            foreach (var next in session.OrderBy(e => e.Event.Sequence))
            {
                if (next.Event.Sequence <= chain.LastSequence)
                {
                    repeated.Add(next);
                }
                else if (chain.Continue(next))
                {
                    accepted.Add(next);
                }
            }
        }

        // The first version of an event stays; another one under its number is a sign of tampering.
        private async Task CompareAsync(List<IngestedEvent> repeated, List<IngestedEvent> accepted, Dictionary<Guid, RecordingChain> chains, CancellationToken cancellationToken)
        {
            foreach (var session in repeated.GroupBy(e => e.Event.SessionId))
            {
                var id = new SessionId(session.Key);
                var (first, last) = (session.Min(e => e.Event.Sequence), session.Max(e => e.Event.Sequence));
                var stored = await db.SessionEvents.AsNoTracking()
                    .Where(e => e.SessionId == id && e.Sequence >= first && e.Sequence <= last)
                    .ToDictionaryAsync(e => e.Sequence, e => e.Hash, cancellationToken);
                foreach (var e in accepted.Where(e => e.Event.SessionId == session.Key))
                {
                    stored.TryAdd(e.Event.Sequence, e.Hash);
                }

                if (session.FirstOrDefault(e => !stored.TryGetValue(e.Event.Sequence, out var hash) || !hash.AsSpan().SequenceEqual(e.Hash)) is { } different)
                {
                    chains[session.Key].Break($"event {different.Event.Sequence} came again with another content");
                }
            }
        }

        private RecordedEvent CheckStart(RecordedEvent first)
        {
            if (first.Body is not RecordedBody.Started started)
            {
                throw new ValidationFailedException("events", "A recording begins with the start of its session.");
            }

            return started.OrganizationId == scope.Organization!.Value.Value && started.AgentId == scope.Actor.Id
                ? first
                : throw new ForbiddenException("A session says that it is of another agent or organization.");
        }

        private async Task ProjectAsync(List<IngestedEvent> accepted, CancellationToken cancellationToken)
        {
            var statements = new Dictionary<(Guid, long), StatementProjection>();
            foreach (var recorded in accepted.Select(e => e.Event))
            {
                if (StatementProjection.NumberOf(recorded.Body) is { } number)
                {
                    var key = (recorded.SessionId, number);
                    if (!statements.TryGetValue(key, out var statement))
                    {
                        statements.Add(key, statement = new StatementProjection(recorded.SessionId, number));
                    }

                    statement.Add(recorded);
                }
            }

            var organization = scope.Organization!.Value;
            var begun = statements.Values.Where(s => s.Received is not null).ToList();
            var areNew = await writer.InsertStatementsAsync(organization, begun, cancellationToken) == begun.Count;

            // A number that was used before keeps its first text, and gets the end that is told for it.
            await writer.FinishStatementsAsync(organization, [.. statements.Values.Where(s => !areNew || s.Received is null)], cancellationToken);
        }

        private async Task AdvanceAsync(Dictionary<Guid, RecordingChain> chains, List<IngestedEvent> accepted, CancellationToken cancellationToken)
        {
            var organization = scope.Organization!.Value;
            var bySession = accepted.ToLookup(e => e.Event.SessionId);
            foreach (var chain in chains.Values.Where(c => c.LastSequence > 0))
            {
                var news = bySession[chain.SessionId].ToList();
                if (news.Count == 0 && chain.Fault is null)
                {
                    continue;
                }

                await writer.AdvanceSessionAsync(organization, chain, news, cancellationToken);
                journal.Signal(new SessionChanged(organization, new SessionId(chain.SessionId)));
                if (chain.Fault is not null)
                {
                    journal.Audit("recording.broken", "session", chain.SessionId.ToString(), null, null, ("fault", chain.Fault));
                }
            }

            var ends = accepted.Where(e => e.Event.Body is RecordedBody.Ended).DistinctBy(e => e.Event.SessionId).Select(e => chains[e.Event.SessionId]).ToList();
            await SealAsync(ends, cancellationToken);
        }

        private async Task SealAsync(List<RecordingChain> ends, CancellationToken cancellationToken)
        {
            var ids = ends.Select(e => new SessionId(e.SessionId)).ToList();
            var isSealed = ids.Count == 0 ? [] : await db.SessionSeals.AsNoTracking().Where(s => ids.Contains(s.SessionId)).Select(s => s.SessionId).ToListAsync(cancellationToken);
            var unsealed = ends.Where(e => !isSealed.Contains(new SessionId(e.SessionId))).ToList();
            if (unsealed.Count == 0)
            {
                return;
            }

            var protectedKey = await db.OrganizationKeys.AsNoTracking().Select(k => k.ProtectedSealKey).SingleAsync(cancellationToken);
            using var key = ECDsa.Create();
            key.ImportPkcs8PrivateKey(await protector.UnprotectAsync(OrganizationKeyFactory.SealContext, protectedKey, cancellationToken), out _);
            var counters = await journal.LockCountersAsync(cancellationToken);
            foreach (var end in unsealed)
            {
                db.SessionSeals.Add(SessionSeal.Create(counters, new SessionId(end.SessionId), end.LastSequence, end.LastHash, key, time.GetUtcNow()));
            }
        }
    }
}

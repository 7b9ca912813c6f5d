using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;

namespace Weir.ControlPlane.Application.Features.Sessions;

/// <summary>
/// The recording itself, in pages: event by event the exact bytes that were hashed, with the seal and the public key, so that somebody else can check it
/// without this server.
/// </summary>
public static class ExportSession
{
    public const int MaxEvents = 500;

    /// <param name="After">Sequence of the event after which to go on.</param>
    [RequirePermission(Permission.Participate)]
    public sealed record Query(Guid SessionId, long After = 0, int Limit = MaxEvents) : IRequest<Response>;

    /// <param name="Seal">Null while the session has not ended.</param>
    /// <param name="Next">What to pass as <c>After</c> to get more; null when these are all there are now.</param>
    public sealed record Response(SessionView Session, Seal? Seal, IReadOnlyList<Event> Events, long? Next);

    /// <param name="Hash">SHA-256 of the body, hexadecimal.</param>
    /// <param name="Body">base64 of a serialized <c>weir.agent.v1.SessionEvent</c>.</param>
    public sealed record Event(long Sequence, string Hash, string Body);

    /// <param name="Signature">base64; ECDSA P-256 with SHA-256 (IEEE P1363) over the seal's hash.</param>
    /// <param name="PublicKey">base64 of the SubjectPublicKeyInfo.</param>
    public sealed record Seal(long Number, long LastSequence, string LastHash, DateTimeOffset SealedAt, string PreviousHash, string Hash, string Signature, string PublicKey);

    internal sealed class Validator : AbstractValidator<Query>
    {
        public Validator() => RuleFor(q => q.Limit).InclusiveBetween(1, MaxEvents);
    }

    internal sealed class Handler(WeirDbContext db, SessionReader reader) : IRequestHandler<Query, Response>
    {
        private const long MaxPageBytes = 8 * 1024 * 1024;

        public async ValueTask<Response> Handle(Query request, CancellationToken cancellationToken)
        {
            var (session, agent) = await reader.ReadAsync(request.SessionId, "session.export", cancellationToken);
            var events = new List<Event>();
            long bytes = 0;
            long? next = null;
            var stored = db.SessionEvents.AsNoTracking().Where(e => e.SessionId == session.Id && e.Sequence > request.After).OrderBy(e => e.Sequence).Take(request.Limit + 1);
            await foreach (var e in stored.AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                if (events.Count == request.Limit || (events.Count > 0 && bytes + e.Body.Length > MaxPageBytes))
                {
                    next = events[^1].Sequence;
                    break;
                }

                bytes += e.Body.Length;
                events.Add(new(e.Sequence, Convert.ToHexStringLower(e.Hash), Convert.ToBase64String(e.Body)));
            }

            var seal = await db.SessionSeals.AsNoTracking().SingleOrDefaultAsync(s => s.SessionId == session.Id, cancellationToken);
            var publicKey = await db.OrganizationKeys.AsNoTracking().Select(k => k.SealPublicKey).SingleAsync(cancellationToken);
            return new(
                SessionView.Of(session, agent),
                seal is null ? null : new Seal(
                    seal.Number,
                    seal.LastSequence,
                    Convert.ToHexStringLower(seal.LastHash),
                    seal.SealedAt,
                    Convert.ToHexStringLower(seal.PreviousHash),
                    Convert.ToHexStringLower(seal.Hash),
                    Convert.ToBase64String(seal.Signature),
                    Convert.ToBase64String(publicKey)),
                events,
                next);
        }
    }
}

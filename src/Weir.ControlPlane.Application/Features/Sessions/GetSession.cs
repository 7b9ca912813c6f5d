using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;

namespace Weir.ControlPlane.Application.Features.Sessions;

/// <summary>A session with its statements.</summary>
public static class GetSession
{
    public const int MaxStatements = 1000;

    /// <param name="AfterStatement">Number of the statement after which to go on.</param>
    [RequirePermission(Permission.Participate)]
    public sealed record Query(Guid SessionId, long AfterStatement = 0, int Limit = MaxStatements) : IRequest<Response>;

    /// <param name="NextStatement">What to pass as <c>AfterStatement</c> to get more; null when these are all.</param>
    public sealed record Response(SessionView Session, IReadOnlyList<StatementView> Statements, long? NextStatement);

    internal sealed class Validator : AbstractValidator<Query>
    {
        public Validator() => RuleFor(q => q.Limit).InclusiveBetween(1, MaxStatements);
    }

    internal sealed class Handler(WeirDbContext db, SessionReader reader) : IRequestHandler<Query, Response>
    {
        public async ValueTask<Response> Handle(Query request, CancellationToken cancellationToken)
        {
            var (session, agent) = await reader.ReadAsync(request.SessionId, "session.show", cancellationToken);
            var rows = await db.SessionStatements.AsNoTracking()
                .Where(s => s.SessionId == session.Id && s.Number > request.AfterStatement)
                .OrderBy(s => s.Number)
                .Take(request.Limit + 1)
                .ToListAsync(cancellationToken);
            var hasMore = rows.Count > request.Limit;
            return new(
                SessionView.Of(session, agent),
                [.. rows.Take(request.Limit).Select(StatementView.Of)],
                hasMore ? rows[request.Limit - 1].Number : null);
        }
    }
}

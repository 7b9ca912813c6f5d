using System.Globalization;
using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;

namespace Weir.ControlPlane.Application.Features.Audit;

/// <summary>Newest first.</summary>
public static class ListAuditEvents
{
    /// <param name="Actor">Name of who did it.</param>
    /// <param name="Action">Whole action, or a noun with a dot (<c>document.</c>) for all of its actions.</param>
    [RequirePermission(Permission.ReadAudit)]
    public sealed record Query(string? Actor = null, string? Action = null, string? After = null, int Limit = PageLimits.Default) : IRequest<Page<AuditEventView>>;

    internal sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(q => q.Limit).MustBePageLimit();
            RuleFor(q => q.Actor).MaximumLength(254);
            RuleFor(q => q.Action).MaximumLength(63);
        }
    }

    internal sealed class Handler(WeirDbContext db) : IRequestHandler<Query, Page<AuditEventView>>
    {
        public async ValueTask<Page<AuditEventView>> Handle(Query request, CancellationToken cancellationToken)
        {
            var events = db.AuditEvents.AsNoTracking();
            if (request.After is not null)
            {
                var after = long.TryParse(request.After, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
                    ? sequence
                    : throw new ValidationFailedException("after", "This is not a position that a list has returned.");
                events = events.Where(e => e.Sequence < after);
            }

            if (request.Actor is not null)
            {
                events = events.Where(e => e.ActorName == request.Actor);
            }

            if (request.Action is { } action)
            {
                events = action.EndsWith('.') ? events.Where(e => e.Action.StartsWith(action)) : events.Where(e => e.Action == action);
            }

            var rows = await events.OrderByDescending(e => e.Sequence).Take(request.Limit + 1).ToListAsync(cancellationToken);
            return rows.ConvertAll(AuditEventView.Of).ToPage(request.Limit, e => e.Id);
        }
    }
}

using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Application.Features.Sessions.Recording;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Principals;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Features.Reviews;

/// <summary>An agent holds a statement. Asked again with the same id, it is the same review, waited for again.</summary>
public static class RecordReview
{
    public const int MaxTextLength = 1024 * 1024;

    [RequirePermission(Permission.ServeAgent)]
    public sealed record Command(Guid ReviewId, Guid PrincipalId, HeldStatement Held, ReviewRules Rules) : IRequest<ReviewUpdate>
    {
        public override string ToString() => $"record review {ReviewId}";
    }

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.ReviewId).NotEmpty();
            RuleFor(c => c.PrincipalId).NotEmpty();
            RuleFor(c => c.Held.Connection).NotEmpty().MaximumLength(63);
            RuleFor(c => c.Held.Text).MaximumLength(MaxTextLength);
            RuleFor(c => c.Held.Parameters).Must(p => p.Count <= 65_535);
            RuleFor(c => c.Held.Reasons).Must(r => r.Count <= 1000);
            RuleFor(c => c.Held.Binding).Must(b => b.Length == 32).WithMessage("32 bytes.");
            RuleFor(c => c.Held.Shape).Must(s => s is null || (s.Binding.Length == 32 && s.Text.Length <= MaxTextLength && s.MaxWindow > TimeSpan.Zero && s.MaxWindow <= TimeSpan.FromDays(30)));
            RuleFor(c => c.Held.Context).Must(x => x.Count <= 100);
            RuleFor(c => c.Held.NotRunBecause).MaximumLength(2000);
            RuleFor(c => c.Rules.Reviewers).NotEmpty().Must(r => r.Count <= 100);
            RuleFor(c => c.Rules.Approvals).InclusiveBetween(1, 10);
            RuleFor(c => c.Rules.ExpiresAfter).InclusiveBetween(TimeSpan.FromSeconds(1), TimeSpan.FromDays(30));
        }
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal, ControlPlaneOptions options, TimeProvider time)
        : IRequestHandler<Command, ReviewUpdate>
    {
        public async ValueTask<ReviewUpdate> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = new ReviewId(request.ReviewId);
            var agent = await db.RequireServingAsync(scope.Actor, cancellationToken);
            var now = time.GetUtcNow();
            var review = await db.Reviews.SingleOrDefaultAsync(r => r.Id == id, cancellationToken);
            if (review is null)
            {
                var principalId = new PrincipalId(request.PrincipalId);
                var principal = await db.Principals.AsNoTracking().SingleOrDefaultAsync(p => p.Id == principalId, cancellationToken)
                    ?? throw new NotFoundException("principal", principalId.ToString());
                review = new Review(scope.Organization!.Value, id, agent, principal, Clean(request.Held), request.Rules, now);
                db.Reviews.Add(review);
                journal.Audit("review.open", "review", id.ToString(), null, null, ("principal", principal.Name), ("connection", review.Connection));
                await ApproveIfCoveredAsync(review, now, cancellationToken);
                if (review.Status == ReviewStatus.Open)
                {
                    journal.Announce(review);
                }
            }
            else if (review.AgentId != agent || !review.Binding.AsSpan().SequenceEqual(request.Held.Binding.Span))
            {
                throw new ConflictException("A review of that id is about another statement.");
            }
            else
            {
                review.Join();
            }

            journal.Changed(review);
            return ReviewUpdate.Of(review, options, now);
        }

        // It was on its way while the approval was.
        private async Task ApproveIfCoveredAsync(Review review, DateTimeOffset now, CancellationToken cancellationToken)
        {
            if (review.ShapeBinding is not { } shape)
            {
                return;
            }

            await journal.LockCountersAsync(cancellationToken);
            var windows = await db.Reviews.AsNoTracking()
                .Where(r => r.AgentId == review.AgentId && r.PrincipalId == review.PrincipalId && r.WindowUntil > now && r.Status == ReviewStatus.Approved && r.ShapeBinding == shape)
                .OrderByDescending(r => r.WindowUntil)
                .Take(1)
                .ToListAsync(cancellationToken);
            if (windows is [var window] && window.Covers(review, now))
            {
                review.ApproveUnder(window, now);
                journal.Audit("review.approve_covered", "review", review.Id.ToString(), null, null, ("principal", review.PrincipalName), ("connection", review.Connection), ("coveredBy", window.Id.ToString()));
            }
        }

        // What reviewers are shown has to fit into the database; the approval is bound to the exact bytes by the binding alone.
        private static HeldStatement Clean(HeldStatement held) => held with
        {
            Text = RecordedText.Clean(held.Text),
            Parameters = [.. held.Parameters.Select(t => RecordedText.Clean(t))],
            Reasons = [.. held.Reasons.Select(RecordedText.Clean)],
            Context = held.Context.ToDictionary(c => RecordedText.Clean(c.Key), c => RecordedText.Clean(c.Value), StringComparer.Ordinal),
            Relations = [.. held.Relations.Select(t => RecordedText.Clean(t))],
            SensitiveColumns = [.. held.SensitiveColumns.Select(t => RecordedText.Clean(t))],
            Shape = held.Shape is { } shape ? shape with { Text = RecordedText.Clean(shape.Text) } : null,
            NotRunBecause = held.NotRunBecause is { } because ? RecordedText.Clean(because) : null,
        };
    }
}

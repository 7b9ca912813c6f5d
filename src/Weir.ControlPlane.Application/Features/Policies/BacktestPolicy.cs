using System.Text.Json;
using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.Features.Principals;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Pipeline;
using Weir.ControlPlane.Domain.Access;
using Weir.ControlPlane.Domain.Principals;
using Weir.Policy.Documents;
using Weir.Sql.Analysis;

namespace Weir.ControlPlane.Application.Features.Policies;

/// <summary>
/// What would be decided about recorded statements if documents were applied. Recorded texts are judged twice by the agent's own engine, under the documents
/// in force and under those with the given ones put in; both times without the database's catalog, so that only the documents make the difference.
/// </summary>
public static class BacktestPolicy
{
    public static readonly TimeSpan DefaultSince = TimeSpan.FromDays(7);
    public static readonly TimeSpan MaxSince = TimeSpan.FromDays(92);

    /// <summary>Different texts (of one principal on one connection) that are judged, the most frequent first.</summary>
    public const int MaxTexts = 10_000;

    /// <summary>In characters; longer ones are not judged.</summary>
    public const int MaxTextLength = 8192;

    public const int MaxChanges = 1000;

    /// <param name="Since">How far back; null for seven days.</param>
    [RequirePermission(Permission.ReadPolicies)]
    public sealed record Command(IReadOnlyList<JsonElement> Documents, TimeSpan? Since = null) : IRequest<Response>, IManagesTransaction;

    /// <param name="Statements">Recorded in that time.</param>
    /// <param name="Judged">Of them; the others are too long, were cut, do not parse, or came when the time for judging was over.</param>
    /// <param name="Changed">Of those, how many would be decided otherwise.</param>
    /// <param name="Changes">By principal, connection, verdicts and rule, the most frequent first.</param>
    public sealed record Response(long Statements, long Judged, long Changed, IReadOnlyList<Change> Changes);

    /// <param name="Was">allow, review or deny, under the documents in force.</param>
    /// <param name="Rule">The rule that decides; null when nothing objects any more.</param>
    /// <param name="Example">One of the statements as it was recorded.</param>
    public sealed record Change(string Id, string Principal, string Connection, string Was, string WouldBe, string? Rule, string? Message, long Count, string Example);

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            this.MustBeDocuments(c => c.Documents);
            RuleFor(c => c.Since).Must(s => s is null || (s > TimeSpan.Zero && s <= MaxSince)).WithMessage($"More than nothing and at most {MaxSince.Days} days.");
        }
    }

    internal sealed class Handler(UnitOfWork work, Reading reading, StatementAnalyzer analyzer, TimeProvider time) : IRequestHandler<Command, Response>
    {
        private static readonly TimeSpan JudgingTime = TimeSpan.FromSeconds(20);

        // Judging takes a processor for seconds: one at a time leaves the rest to those who wait for a review.
        private static readonly SemaphoreSlim OneAtATime = new(1, 1);

        public async ValueTask<Response> Handle(Command request, CancellationToken cancellationToken)
        {
            var documents = SubmittedDocuments.Read(request.Documents);
            if (!await OneAtATime.WaitAsync(TimeSpan.Zero, cancellationToken))
            {
                throw new ConflictException("Another backtest is at work. Try again in a moment.");
            }

            try
            {
                var input = await work.RunAsync(token => reading.ReadAsync(documents, request.Since ?? DefaultSince, token), cancellationToken);
                return await Task.Run(() => new PolicyComparison(analyzer, input.InForce, input.Proposed).Run(input, time, JudgingTime, cancellationToken), cancellationToken);
            }
            finally
            {
                OneAtATime.Release();
            }
        }
    }

    /// <summary>What happens inside the transaction.</summary>
    internal sealed class Reading(WeirDbContext db, ChangeJournal journal, PrincipalReader principals, TimeProvider time)
    {
        public async ValueTask<BacktestInput> ReadAsync(IReadOnlyList<PolicyDocument> proposed, TimeSpan since, CancellationToken cancellationToken)
        {
            var now = time.GetUtcNow();
            var earliest = now - since;
            var inForce = (await db.Documents.AsNoTracking().ToListAsync(cancellationToken)).ConvertAll(PolicyDocuments.Read);
            var names = proposed.Select(d => (d.Kind, d.Metadata.Name)).ToHashSet();
            var total = await db.SessionStatements.LongCountAsync(s => s.At >= earliest, cancellationToken);
            var texts = await (from statement in db.SessionStatements.AsNoTracking()
                               join session in db.Sessions.AsNoTracking() on statement.SessionId equals session.Id
                               where statement.At >= earliest && statement.FullLength == 0 && statement.Text.Length <= MaxTextLength
                               group statement by new { session.PrincipalId, session.Connection, session.GrantId, statement.Text } into same
                               orderby same.LongCount() descending
                               select new RecordedStatement(same.Key.PrincipalId, same.Key.Connection, same.Key.GrantId, same.Key.Text, same.LongCount(), same.Max(s => s.At)))
                .Take(MaxTexts)
                .ToListAsync(cancellationToken);
            journal.Audit("policy.backtest", "organization", "", null, null, ("documents", $"{proposed.Count}"), ("since", $"{earliest:O}"));
            return new BacktestInput(
                PolicyCheck.Compile(inForce, now),
                PolicyCheck.Compile([.. inForce.Where(d => !names.Contains((d.Kind, d.Metadata.Name))), .. proposed], now),
                await ReadPrincipalsAsync(texts, cancellationToken),
                await ReadGrantsAsync(texts, cancellationToken),
                texts,
                total);
        }

        // With the groups of today: those of then are not recorded.
        private async Task<IReadOnlyDictionary<PrincipalId, Policy.Access.Principal>> ReadPrincipalsAsync(List<RecordedStatement> texts, CancellationToken cancellationToken)
        {
            var ids = texts.Select(t => t.Principal).Distinct().ToList();
            var groups = await principals.GroupsOfAsync(ids, cancellationToken);
            return (await db.Principals.AsNoTracking().Where(p => ids.Contains(p.Id)).ToListAsync(cancellationToken))
                .ToDictionary(p => p.Id, p => p.ToPolicyPrincipal(groups[p.Id], null));
        }

        private async Task<IReadOnlyDictionary<Guid, Policy.Access.Grant>> ReadGrantsAsync(List<RecordedStatement> texts, CancellationToken cancellationToken)
        {
            var ids = texts.Where(t => t.Grant is not null).Select(t => new GrantId(t.Grant!.Value)).Distinct().ToList();
            return (await db.Grants.AsNoTracking().Where(g => ids.Contains(g.Id)).ToListAsync(cancellationToken))
                .ToDictionary(g => g.Id.Value, g => new Policy.Access.Grant(g.Id.Value, g.PrincipalId.Value, g.Connection, (Policy.Access.AccessLevel)(int)g.Access, null));
        }
    }
}

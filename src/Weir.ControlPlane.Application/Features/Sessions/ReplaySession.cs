using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Sessions.Recording;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Reviews;
using Weir.ControlPlane.Domain.Sessions;

namespace Weir.ControlPlane.Application.Features.Sessions;

/// <summary>A session's events in order, as they can be shown: what was asked, and what the client saw (masked, up to the recording limit).</summary>
public static class ReplaySession
{
    public const int MaxEvents = 1000;

    /// <param name="After">Sequence of the event after which to go on.</param>
    [RequirePermission(Permission.Participate)]
    public sealed record Query(Guid SessionId, long After = 0, int Limit = MaxEvents) : IRequest<Response>;

    /// <param name="Next">What to pass as <c>After</c> to get more; null when these are all there are now.</param>
    public sealed record Response(SessionView Session, IReadOnlyList<Event> Items, long? Next);

    /// <param name="Type">started, statement, columns, rows, copy, review, notice, finished, ended or unknown; the member of that name is set.</param>
    /// <param name="Statement">Number of the statement that it belongs to.</param>
    /// <param name="Rows">Values as text; null for NULL.</param>
    public sealed record Event(
        string Id,
        long Sequence,
        DateTimeOffset At,
        string Type,
        long? Statement,
        Started? Started = null,
        Received? Received = null,
        IReadOnlyList<Column>? Columns = null,
        IReadOnlyList<IReadOnlyList<string?>>? Rows = null,
        Copy? Copy = null,
        ReviewStep? Review = null,
        Notice? Notice = null,
        Finished? Finished = null,
        Ended? Ended = null);

    public sealed record Started(string Principal, string Connection, string ClientAddress, string ApplicationName, bool Tls, bool Relayed, string UpstreamUser, string ServerVersion);

    public sealed record Received(
        string Text,
        IReadOnlyList<string?> Parameters,
        string Decision,
        IReadOnlyList<DecisionReason> Reasons,
        IReadOnlyList<string> Effects,
        IReadOnlyList<string> Relations,
        string Command,
        string Protocol);

    public sealed record Column(string Name, uint TypeOid, string? MaskedBy, string? MaskedBecause);

    /// <param name="Data">As text, as far as it was recorded.</param>
    public sealed record Copy(string Direction, string Data);

    public sealed record ReviewStep(Guid ReviewId, string Status, string Comment, string DecidedBy);

    public sealed record Notice(string Severity, string SqlState, string Message);

    public sealed record Finished(
        string Status, string CommandTag, long? Rows, string? SqlState, string? ErrorMessage, double DurationMs, string? RowsHash, long RowsRecorded, long BytesReturned);

    public sealed record Ended(string Reason, string Detail, long Statements, long Denied, long BytesIn, long BytesOut);

    internal sealed class Validator : AbstractValidator<Query>
    {
        public Validator() => RuleFor(q => q.Limit).InclusiveBetween(1, MaxEvents);
    }

    internal sealed class Handler(WeirDbContext db, SessionReader reader, ISessionEventReader events, StatementCompletion completion) : IRequestHandler<Query, Response>
    {
        /// <summary>Bodies that are read for one page; a page ends early rather than being larger.</summary>
        private const long MaxPageBytes = 8 * 1024 * 1024;

        /// <summary>Bodies outside of the page, of whose columns it speaks.</summary>
        private readonly Dictionary<long, RecordedBody?> _columnsIn = [];

        public async ValueTask<Response> Handle(Query request, CancellationToken cancellationToken)
        {
            var (session, agent) = await reader.ReadAsync(request.SessionId, "session.replay", cancellationToken);
            var items = new List<Event>();
            var columns = new Dictionary<long, IReadOnlyList<RecordedBody.Column>>();
            long bytes = 0;
            long? next = null;
            var stored = db.SessionEvents.AsNoTracking()
                .Where(e => e.SessionId == session.Id && e.Sequence > request.After)
                .OrderBy(e => e.Sequence)
                .Take(request.Limit + 1);
            var rows = new List<RecordedEvent>();
            await foreach (var record in stored.AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                if (rows.Count == request.Limit || (rows.Count > 0 && bytes + record.Body.Length > MaxPageBytes))
                {
                    next = rows[^1].Sequence;
                    break;
                }

                bytes += record.Body.Length;
                rows.Add(events.Read(record.Body));
            }

            foreach (var recorded in await CompleteAsync(session.Id, rows, cancellationToken))
            {
                switch (recorded.Body)
                {
                    case RecordedBody.Columns described:
                        columns[described.Number] = described.Items;
                        break;
                    case RecordedBody.Rows data when !columns.ContainsKey(data.Number):
                        columns[data.Number] = await FindColumnsAsync(session.Id, recorded.Sequence, data.Number, cancellationToken) ?? [];
                        break;
                    case RecordedBody.Finished { Answer: { } answer } finished:
                        columns[finished.Number] = await ColumnsOfAsync(session.Id, answer, rows, cancellationToken);
                        items.AddRange(Unfold(recorded, finished.Number, answer, columns));
                        break;
                }

                items.Add(Show(recorded, columns));
            }

            return new(SessionView.Of(session, agent), items, next);
        }

        private async Task<IEnumerable<RecordedEvent>> CompleteAsync(SessionId session, List<RecordedEvent> page, CancellationToken cancellationToken)
        {
            // What was stored of a statement is complete, whichever earlier one it referred to.
            var compact = page.Select(e => e.Body).OfType<RecordedBody.Statement>().Where(s => s.SameAs > 0).Select(s => (session.Value, s.Number)).ToList();
            var complete = await completion.ReadAsync(compact, cancellationToken);
            return page.Select(e => e.Body is RecordedBody.Statement { SameAs: > 0 } s && complete.TryGetValue((session.Value, s.Number), out var whole) ? e with { Body = s.CompleteWith(whole) } : e);
        }

        private async Task<IReadOnlyList<RecordedBody.Column>> ColumnsOfAsync(
            SessionId session, RecordedBody.SmallAnswer answer, List<RecordedEvent> page, CancellationToken cancellationToken)
        {
            if (answer.ColumnsIn == 0)
            {
                return answer.Columns;
            }

            var body = page.Find(e => e.Sequence == answer.ColumnsIn)?.Body;
            if (body is null && !_columnsIn.TryGetValue(answer.ColumnsIn, out body))
            {
                var record = await db.SessionEvents.AsNoTracking().SingleOrDefaultAsync(e => e.SessionId == session && e.Sequence == answer.ColumnsIn, cancellationToken);
                _columnsIn.Add(answer.ColumnsIn, body = record is null ? null : events.Read(record.Body).Body);
            }

            return body switch
            {
                RecordedBody.Columns described => described.Items,
                RecordedBody.Finished { Answer: { } other } => other.Columns,
                _ => [],
            };
        }

        // An answer that was recorded with its end is shown as one that was recorded by itself.
        private static IEnumerable<Event> Unfold(RecordedEvent e, long statement, RecordedBody.SmallAnswer answer, Dictionary<long, IReadOnlyList<RecordedBody.Column>> columns)
        {
            if (columns[statement].Count > 0)
            {
                yield return Show(e with { Body = new RecordedBody.Columns(statement, columns[statement]) }, columns) with { Id = $"{e.SessionId}:{e.Sequence}:columns" };
            }

            if (answer.Rows.Count > 0)
            {
                yield return Show(e with { Body = new RecordedBody.Rows(statement, answer.Rows) }, columns) with { Id = $"{e.SessionId}:{e.Sequence}:rows" };
            }
        }

        // A page that begins in the middle of an answer needs the description that stands before it.
        private async Task<IReadOnlyList<RecordedBody.Column>?> FindColumnsAsync(SessionId session, long before, long statement, CancellationToken cancellationToken)
        {
            var earlier = db.SessionEvents.AsNoTracking().Where(e => e.SessionId == session && e.Sequence < before).OrderByDescending(e => e.Sequence).Take(MaxEvents);
            await foreach (var record in earlier.AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                switch (events.Read(record.Body).Body)
                {
                    case RecordedBody.Columns found when found.Number == statement:
                        return found.Items;
                    case RecordedBody.Statement received when received.Number == statement:
                        return null;
                }
            }

            return null;
        }

        private static Event Show(RecordedEvent e, Dictionary<long, IReadOnlyList<RecordedBody.Column>> columns)
        {
            Event Make(string type, long? statement) => new($"{e.SessionId}:{e.Sequence}", e.Sequence, e.At, type, statement);
            return e.Body switch
            {
                RecordedBody.Started s => Make("started", null) with
                {
                    Started = new(s.PrincipalName, s.Connection, s.ClientAddress, s.ApplicationName, s.Tls, s.Relayed, s.UpstreamUser, s.ServerVersion),
                },
                RecordedBody.Statement s => Make("statement", s.Number) with
                {
                    Received = new(s.Text, [.. s.Parameters.Select(RecordedText.Of)], s.Decision, s.Reasons, s.Effects, s.Relations, s.Command, s.Protocol),
                },
                RecordedBody.Columns c => Make("columns", c.Number) with
                {
                    Columns = [.. c.Items.Select(i => new Column(i.Name, i.TypeOid, OrNull(i.MaskedBy), OrNull(i.MaskedBecause)))],
                },
                RecordedBody.Rows r => Make("rows", r.Number) with
                {
                    Rows = [.. r.Items.Select(row => DataRowText.Read(row.Span, columns.GetValueOrDefault(r.Number)) ?? ["\\x" + Convert.ToHexStringLower(row.Span)])],
                },
                RecordedBody.Copy c => Make("copy", c.Number) with { Copy = new(c.Direction, string.Concat(c.Data.Select(d => System.Text.Encoding.UTF8.GetString(d.Span)))) },
                RecordedBody.Review r => Make("review", r.Number) with { Review = new(r.ReviewId, r.Status, r.Comment, r.DecidedBy) },
                RecordedBody.Notice n => Make("notice", n.Number) with { Notice = new(n.Severity, n.SqlState, n.Message) },
                RecordedBody.Finished f => Make("finished", f.Number) with
                {
                    Finished = new(
                        f.Status, f.CommandTag, f.RowCount, OrNull(f.SqlState), OrNull(f.ErrorMessage), f.DurationMicros / 1000.0,
                        f.RowsHash is { } hash ? Convert.ToHexStringLower(hash.Span) : null, f.RowsRecorded, f.BytesReturned),
                },
                RecordedBody.Ended d => Make("ended", null) with { Ended = new(d.Reason, d.Detail, d.Statements, d.Denied, d.BytesIn, d.BytesOut) },
                _ => Make("unknown", null),
            };
        }

        private static string? OrNull(string text) => text.Length == 0 ? null : text;
    }
}

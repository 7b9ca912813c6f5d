using System.Security.Cryptography;
using Google.Protobuf;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Tests.Recording;

/// <summary>Recordings as if every event had been recorded by itself and in full: what statements leave out is filled in, and small answers are taken out of their finishes.</summary>
internal static class CompleteEvents
{
    public static List<SessionEvent> Of(IEnumerable<SessionEvent> events)
    {
        var all = events.ToList();
        var complete = new List<SessionEvent>();
        foreach (var e in all)
        {
            if (e.Statement is { SameAs: > 0 } statement)
            {
                var earlier = all.Single(o => o.SessionId == e.SessionId && o.Statement?.Statement == statement.SameAs).Statement.Clone();
                earlier.SameAs.ShouldBe(0);
                earlier.Statement = statement.Statement;
                if (statement.Text.Length > 0)
                    (earlier.Text, earlier.FullLength) = (statement.Text, statement.FullLength);
                earlier.Parameters.Clear();
                earlier.Parameters.Add(statement.Parameters);
                complete.Add(With(e, c => c.Statement = earlier));
            }
            else if (e.Finished is { } finished && (finished.AnswerColumns.Count > 0 || finished.AnswerRows.Count > 0 || finished.ColumnsIn > 0))
            {
                var columns = new AnswerColumns { Statement = finished.Statement };
                columns.Columns.Add(finished.ColumnsIn == 0 ? finished.AnswerColumns : ColumnsOf(all.Single(o => o.SessionId == e.SessionId && o.Sequence == finished.ColumnsIn)));
                if (columns.Columns.Count > 0)
                    complete.Add(With(e, c => c.Columns = columns));
                if (finished.AnswerRows.Count > 0)
                    complete.Add(With(e, c => c.Rows = new AnswerRows { Statement = finished.Statement, Rows = { finished.AnswerRows } }));
                var rest = finished.Clone();
                if (rest.AnswerRows.Count > 0)
                    rest.RowsHash = ByteString.CopyFrom(SHA256.HashData(rest.AnswerRows.SelectMany(r => r).ToArray()));
                rest.AnswerColumns.Clear();
                rest.AnswerRows.Clear();
                rest.ColumnsIn = 0;
                complete.Add(With(e, c => c.Finished = rest));
            }
            else
            {
                complete.Add(e);
            }
        }

        return complete;
    }

    private static Google.Protobuf.Collections.RepeatedField<AnswerColumn> ColumnsOf(SessionEvent e)
    {
        var columns = e.Finished?.AnswerColumns ?? e.Columns.Columns;
        columns.ShouldNotBeEmpty();
        return columns;
    }

    private static SessionEvent With(SessionEvent e, Action<SessionEvent> body)
    {
        var copy = new SessionEvent { SessionId = e.SessionId, Sequence = e.Sequence, AtUnixMicros = e.AtUnixMicros, PreviousHash = e.PreviousHash };
        body(copy);
        return copy;
    }
}

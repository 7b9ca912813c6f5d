using System.Buffers.Text;
using Weir.Agent.Recording;
using Weir.Agent.Sessions.Judging;
using Weir.Agent.Sessions.Statements;
using Weir.Policy.Analysis;
using Weir.Protocol.Postgres.Backend;

namespace Weir.Agent.Sessions.Answers;

/// <summary>The ends of statements: what is recorded of them, and what they did to the meaning of names.</summary>
internal sealed class AnswerEnds(RelayState state)
{
    /// <summary>The statement that the entry is at was carried out; the entry moves to its next one.</summary>
    /// <param name="tag">The command tag; empty when there is none.</param>
    public void Succeeded(ref InFlight entry, ReadOnlySpan<byte> tag)
    {
        if (entry.Judgement is not { } judgement || entry.Done >= judgement.Statements.Length)
            return;
        if (judgement.IsMover && judgement.Statements[entry.Done].Analysis is { } analysis)
            OnMoved(analysis, judgement);
        if (entry.FirstStatement > 0)
        {
            state.Recording.Finished(entry.FirstStatement + entry.Done, new StatementOutcome
            {
                Status = StatementStatus.Ok,
                CommandTag = tag,
                Rows = RowsOf(tag, entry.Rows),
                Duration = state.Session.Services.Time.GetElapsedTime(entry.StartedAt),
            });
        }

        entry.Done++;
        entry.Rows = 0;
        entry.Plan = null;
        entry.AreColumnsRecorded = false;
    }

    /// <summary>The server's error ended the statement that the entry is at.</summary>
    public void Failed(ref InFlight entry, DiagnosticFields fields)
    {
        if (entry.Failure is { } own)
            Failed(ref entry, own);
        else
            Failed(ref entry, fields.SqlState, fields.Message, fields.SqlState.SequenceEqual("57014"u8) ? StatementStatus.Cancelled : StatementStatus.Failed, isOwn: false);
    }

    /// <summary>The agent's error ended the statement that the entry is at.</summary>
    public void Failed(ref InFlight entry, Diagnostic diagnostic) =>
        Failed(ref entry, System.Text.Encoding.ASCII.GetBytes(diagnostic.SqlState), System.Text.Encoding.UTF8.GetBytes(diagnostic.Message), StatementStatus.Failed, isOwn: true);

    /// <summary>Statements of the entry that the server never came to.</summary>
    public void Unrun(ref InFlight entry)
    {
        for (; entry.Judgement is { } judgement && entry.Done < judgement.Statements.Length; entry.Done++)
            state.Recording.Finished(entry.FirstStatement + entry.Done, new StatementOutcome { Status = StatementStatus.Cancelled });
    }

    /// <summary>Rows that a command tag tells of; without a number in it the rows returned, null for none.</summary>
    public static long? RowsOf(ReadOnlySpan<byte> tag, long returned)
    {
        if (tag.IsEmpty)
            return returned;
        var space = tag.LastIndexOf((byte)' ');
        return space >= 0 && Utf8Parser.TryParse(tag[(space + 1)..], out long count, out var used) && used == tag.Length - space - 1 ? count : returned > 0 ? returned : null;
    }

    private void Failed(ref InFlight entry, ReadOnlySpan<byte> sqlState, ReadOnlySpan<byte> message, StatementStatus status, bool isOwn)
    {
        if (entry.FirstStatement == 0 || entry.Judgement is not { } judgement || entry.Done >= judgement.Statements.Length)
            return;
        state.Recording.Finished(entry.FirstStatement + entry.Done, new StatementOutcome
        {
            Status = status,
            Rows = entry.Rows,
            SqlState = sqlState,
            ErrorMessage = judgement.Policy.HasMasking && !isOwn ? "(withheld)"u8 : message,
            Duration = state.Session.Services.Time.GetElapsedTime(entry.StartedAt),
        });
        entry.Done++;
    }

    private void OnMoved(StatementAnalysis analysis, Judgement judgement)
    {
        if (!GatewayRules.IsMover(analysis))
            return;
        state.Surroundings.OnMoved(analysis, inTransaction: true);
        if (state.Names.OnCompleted(analysis, judgement.Text))
            state.Surroundings.OnNamesChanged();
    }
}

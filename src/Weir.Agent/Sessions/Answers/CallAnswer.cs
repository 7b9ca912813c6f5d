using System.Diagnostics.CodeAnalysis;
using System.Text;
using Weir.Agent.Masking;
using Weir.Agent.Sessions.Budgets;
using Weir.Agent.Sessions.Judging;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Sql.Catalog;

namespace Weir.Agent.Sessions.Answers;

/// <summary>The result of a FunctionCall on its way to the client: masked, counted against what may be read, and recorded as the one row of a SELECT.</summary>
internal sealed class CallAnswer(RelayState state, AnswerRows rows)
{
    private readonly MessageWriter _row = new(256);
    private readonly MessageWriter _masked = new(256);

    /// <summary>Body of the RowDescription that a SELECT of the function would have.</summary>
    public static byte[] Describe(FunctionSignature function, FormatCode format)
    {
        var writer = new MessageWriter(128);
        var description = RowDescriptionWriter.Begin(writer, 1);
        description.WriteField(Encoding.UTF8.GetBytes(function.Name.Name), function.ReturnType, -1, format);
        description.End();
        return writer.Written[FrameHeader.Size..].ToArray();
    }

    /// <summary>Writes the result to the client.</summary>
    /// <returns>False when it can't be masked, or no budget is left for it: nothing was written, and the entry has failed.</returns>
    /// <exception cref="ProtocolViolationException">No FunctionCall waits for it.</exception>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a masker throws, the value must not leave, and the session goes on.")]
    public bool TryWrite(ref InFlight head, FunctionCallResponse result, AnswerEnds ends)
    {
        if (head.CallDescription is not { } description || head.Done > 0 || head.Judgement is not { Statements.Length: 1 } judgement)
            throw new ProtocolViolationException("result of a function call without a call");
        rows.OnDescription(ref head, description);
        _row.Clear();
        var row = DataRowWriter.Begin(_row, 1);
        if (result.IsNull)
            row.WriteNull();
        else
            row.WriteValue(result.Value);
        row.End();
        var shown = _row;
        if (head.Plan is { PassesThrough: false } plan)
        {
            try
            {
                _masked.Clear();
                RowMasker.Current.MaskRow(plan, judgement.Policy.Detectors, _row.Written[FrameHeader.Size..], _masked);
                shown = _masked;
            }
            catch (Exception fault)
            {
                AnswerRows.FailMasking(ref head, fault);
                return false;
            }
        }

        if (judgement.CountsReads && !IsWithinBudget(ref head, judgement, _row.Written.Length - FrameHeader.Size))
            return false;
        head.Rows++;
        if (head.FirstStatement > 0)
            state.Recording.Rows(head.FirstStatement, shown.Written);
        foreach (var field in DataRow.Read(shown.Written[FrameHeader.Size..]).Fields)
        {
            if (field.IsNull)
                FunctionCallResponse.WriteNull(state.ToClient);
            else
                FunctionCallResponse.Write(state.ToClient, field.Value);
        }

        ends.Succeeded(ref head, []);
        return true;
    }

    // Answers come in the order of the calls, so what each may still return is known when it comes and not when it was sent.
    private bool IsWithinBudget(ref InFlight head, Judgement judgement, int bytes)
    {
        var run = state.Budgets.Begin(judgement, new ReadCount(), approvedRows: 0);
        if (run.RowsLeft < 1 || run.BytesLeft < bytes)
        {
            var measure = run.RowsLeft < 1 ? BudgetMeasure.RowsRead : BudgetMeasure.BytesRead;
            head.Failure = BudgetMeter.ReadExceeded(state.Budgets.TightestRead(judgement, run, measure), measure, 0);
            return false;
        }

        state.Budgets.Read(1, bytes);
        return true;
    }
}

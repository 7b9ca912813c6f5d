using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Weir.Agent.Masking;
using Weir.Agent.Sessions.Budgets;
using Weir.Agent.Sessions.Judging;
using Weir.Policy.Analysis;
using Weir.Policy.Detection;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Sessions.Answers;

/// <summary>
/// Rows and COPY data on their way to the client: counted, masked, recorded. What nobody has to look into goes on as it comes, in runs and in pieces.
/// </summary>
internal sealed class AnswerRows(RelayState state)
{
    /// <summary>A longer message that nobody looks into is not waited for.</summary>
    private const int StreamFrom = 64 * 1024;

    private readonly int _maxInspected = state.Session.Services.Options.MaxInspectedAnswer;
    private CopyMasker? _copyMasker;
    private StreamedBody _streamed;
    private bool _isSwallowing;
    private bool _isCopyOut;
    private bool _isBinaryCopy;
    private int _noRows;

    /// <summary>A message is on its way that was not waited for.</summary>
    public bool IsStreaming => _streamed.Remaining > 0;

    /// <summary>Notes what a Describe of the client or of the agent has found.</summary>
    /// <param name="body">Of the RowDescription; empty when no rows are returned.</param>
    /// <param name="generation">Of the surroundings.</param>
    public static void Describe(ref InFlight head, ReadOnlySpan<byte> body, int generation)
    {
        if (head.Prepared is { } prepared && head.Target == TargetKind.Statement)
        {
            if (prepared.Description is not { } known || !body.SequenceEqual(known))
                prepared.Description = body.ToArray();
            prepared.DescribedIn = generation;
        }

        if (head.Portal is { } portal && head.Target == TargetKind.Portal)
        {
            portal.Describe(body);
            portal.IsDescribing = false;
        }
    }

    /// <summary>Notes the types that the server has given to parameters.</summary>
    public static void Describe(ref InFlight head, ParameterDescription description)
    {
        if (head.Prepared is not { } prepared)
            return;
        if (prepared.ParameterTypes.Length != description.Count)
            prepared.ParameterTypes = new uint[description.Count];
        for (var i = 0; i < prepared.ParameterTypes.Length; i++)
            prepared.ParameterTypes[i] = description[i];
    }

    /// <summary>The answer is over, well or not.</summary>
    public void EndCopyOut()
    {
        _isCopyOut = false;
        _copyMasker = null;
    }

    /// <summary>A CopyDone of the server.</summary>
    /// <returns>Whether the client sees it.</returns>
    public bool OnCopyDone(ref InFlight head)
    {
        if (!_isCopyOut)
            throw new ProtocolViolationException("end of a COPY without a COPY");
        EndCopyOut();
        return head.Failure is null;
    }

    /// <summary>A run of rows that nobody has to look into: counted by their headers, recorded and forwarded as one block.</summary>
    public bool TryPassRows(ReadOnlySpan<byte> data, out int length)
    {
        length = 0;
        if (state.InFlight.Count == 0 || !PassesRows(ref state.InFlight.Head))
            return false;
        ref var head = ref state.InFlight.Head;
        RecordColumns(ref head);
        var rows = 0;
        while (data.Length - length >= FrameHeader.Size && data[length] == (byte)BackendMessageType.DataRow)
        {
            var size = 1 + BinaryPrimitives.ReadInt32BigEndian(data[(length + 1)..]);
            if (size < FrameHeader.Size || data.Length - length < size)
                break;
            length += size;
            rows++;
        }

        head.Rows += rows;
        if (head.FirstStatement > 0)
            state.Recording.Rows(head.FirstStatement + head.Done, data[..length]);
        return true;
    }

    /// <summary>A run of rows that are masked, written to the client here and recorded as one block. One that can't be masked is the last of it, and fails the statement.</summary>
    /// <param name="length">Bytes taken.</param>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a masker throws, the value must not leave, and the session goes on.")]
    public bool TryMaskRows(ReadOnlySpan<byte> data, out int length)
    {
        length = 0;
        if (state.InFlight.Count == 0)
            return false;
        ref var head = ref state.InFlight.Head;
        if (!IsOrdinary(head) || ResolvePlan(ref head) is not { PassesThrough: false } plan)
            return false;
        RecordColumns(ref head);
        var detectors = head.Judgement!.Policy.Detectors;
        var masker = RowMasker.Current;
        var output = state.ToClient;
        var before = output.Length;
        while (data.Length - length >= FrameHeader.Size && data[length] == (byte)BackendMessageType.DataRow)
        {
            var size = 1 + BinaryPrimitives.ReadInt32BigEndian(data[(length + 1)..]);
            if (size < FrameHeader.Size || data.Length - length < size)
                break;
            var row = data.Slice(length + FrameHeader.Size, size - FrameHeader.Size);
            length += size;
            try
            {
                masker.MaskRow(plan, detectors, row, output);
            }
            catch (Exception fault)
            {
                // Nothing of the row was written.
                Fail(ref head, NotMasked(fault));
                break;
            }

            head.Rows++;
        }

        if (head.FirstStatement > 0 && output.Length > before)
            state.Recording.Rows(head.FirstStatement + head.Done, output.Written[before..]);
        return length > 0;
    }

    /// <summary>The answer can't be masked and does not go on.</summary>
    public static void FailMasking(ref InFlight head, Exception fault) => Fail(ref head, NotMasked(fault));

    /// <summary>The columns of the rows that come next in a Query or guarded text.</summary>
    public void OnDescription(ref InFlight answer, ReadOnlySpan<byte> body)
    {
        if (answer.Judgement is not { } judgement || answer.Done >= judgement.Statements.Length)
            throw new ProtocolViolationException("description without a statement");
        answer.Plan = MakePlan(judgement, answer.Done, body, null);
        answer.AreColumnsRecorded = false;
        RecordColumns(ref answer);
    }

    /// <summary>One row. Masked, it is written to the client here.</summary>
    /// <returns>Whether it goes on as it is.</returns>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a masker throws, the value must not leave, and the session goes on.")]
    public bool OnDataRow(ref InFlight head, in Frame frame)
    {
        if (!IsWithinBudget(ref head, frame.Body.Length) || head.Failure is not null)
            return false;

        var plan = ResolvePlan(ref head);
        if (plan is null && head.Judgement is not { NeedsAnswerPlan: false })
            throw new ProtocolViolationException("rows without a description");
        RecordColumns(ref head);
        if (plan is null or { PassesThrough: true })
        {
            head.Rows++;
            if (head.FirstStatement > 0)
                state.Recording.Rows(head.FirstStatement + head.Done, frame.Bytes);
            return true;
        }

        var before = state.ToClient.Length;
        try
        {
            RowMasker.Current.MaskRow(plan, head.Judgement!.Policy.Detectors, frame.Body, state.ToClient);
        }
        catch (Exception fault)
        {
            state.ToClient.Truncate(before);
            Fail(ref head, NotMasked(fault));
            return false;
        }

        head.Rows++;
        if (head.FirstStatement > 0)
            state.Recording.Rows(head.FirstStatement + head.Done, state.ToClient.Written[before..]);
        return false;
    }

    /// <summary>A COPY TO STDOUT begins.</summary>
    /// <returns>Whether the client sees it.</returns>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A layout that can't be masked fails the statement, whatever the reason.")]
    public bool OnCopyOut(ref InFlight head, CopyResponseBody response)
    {
        if (head.Judgement is not { } judgement || head.Done >= judgement.Statements.Length)
            throw new ProtocolViolationException("COPY without a statement");
        _isCopyOut = true;
        _isBinaryCopy = response.Format == FormatCode.Binary;
        _noRows = judgement.Statements[head.Done].Analysis?.Copy is { Header: true, Kind: not CopyFormatKind.Binary } ? 1 : 0;
        if (!judgement.NeedsAnswerPlan || head.Failure is not null)
            return head.Failure is null;
        var statement = judgement.Statements[head.Done];
        if (statement.Analysis is null)
            throw new ProtocolViolationException("COPY without an analysis");
        try
        {
            _copyMasker = CopyMasker.Create(judgement.Policy, statement.Masking, statement.Analysis, state.Surroundings.Catalog, response);
            if (_copyMasker?.Columns is { } columns && head.FirstStatement > 0)
                state.Recording.Columns(head.FirstStatement + head.Done, columns);
            return true;
        }
        catch (Exception fault)
        {
            Fail(ref head, NotMasked(fault));
            return false;
        }
    }

    /// <summary>One row of a COPY TO STDOUT.</summary>
    /// <returns>Whether it goes on as it is.</returns>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a masker throws, the value must not leave, and the session goes on.")]
    public bool OnCopyData(ref InFlight head, ReadOnlySpan<byte> body)
    {
        if (!_isCopyOut)
            throw new ProtocolViolationException("COPY data without a COPY");
        // A line of column names and the mark at the end are no rows.
        var isRow = _noRows == 0 && !(_isBinaryCopy && body is [0xFF, 0xFF]);
        _noRows = 0;
        if (isRow && !IsWithinBudget(ref head, body.Length))
            return false;
        if (head.Failure is not null)
            return false;

        if (_copyMasker is null)
        {
            head.Rows += isRow ? 1 : 0;
            if (head.FirstStatement > 0)
                state.Recording.CopyData(head.FirstStatement + head.Done, isOut: true, body);
            return true;
        }

        var before = state.ToClient.Length;
        try
        {
            _copyMasker.Mask(RowMasker.Current, body, state.ToClient);
        }
        catch (Exception fault)
        {
            state.ToClient.Truncate(before);
            Fail(ref head, NotMasked(fault));
            return false;
        }

        head.Rows += isRow ? 1 : 0;
        if (head.FirstStatement > 0)
            state.Recording.CopyData(head.FirstStatement + head.Done, isOut: true, state.ToClient.Written[(before + FrameHeader.Size)..]);
        return false;
    }

    /// <summary>What has arrived of a message that is not whole.</summary>
    /// <param name="scanner">Moved behind what has arrived when the message is not waited for.</param>
    public void OnPartial(ref FrameScanner scanner, in Frame frame)
    {
        if (frame.BackendType is not (BackendMessageType.DataRow or BackendMessageType.CopyData))
        {
            if (frame.Header.TotalLength > _maxInspected)
                throw new ProtocolViolationException("invalid message length");
            return;
        }

        if (frame.Header.TotalLength <= Math.Min(StreamFrom, _maxInspected) || state.InFlight.Count == 0)
            return;
        ref var head = ref state.InFlight.Head;
        var isRow = frame.BackendType == BackendMessageType.DataRow;
        if (head.Failure is null && !(isRow ? PassesRows(ref head) : _isCopyOut && _copyMasker is null && head.Budget is not { CountsReads: true } && !head.IsInjected))
        {
            if (frame.Header.TotalLength <= _maxInspected)
                return;
            Fail(ref head, Diagnostic.Error(SqlStates.ProgramLimitExceeded, "weir: a row is too large to be masked") with { Hint = "Select fewer or shorter columns." });
        }

        _isSwallowing = head.Failure is not null;
        if (_isSwallowing)
            head.Budget?.Withheld(frame.Header.TotalLength);
        _streamed = scanner.BeginStreaming(frame);
        if (_isSwallowing)
            return;
        if (isRow)
            RecordColumns(ref head);
        head.Rows++;
        state.Session.IsInsideClientMessage = true;
        state.ToClient.WriteBytes(frame.Bytes);
        Record(ref head, frame.Bytes[FrameHeader.Size..]);
    }

    /// <summary>The next piece of a message that is not waited for.</summary>
    /// <returns>Bytes taken.</returns>
    public int OnPiece(ReadOnlySpan<byte> data)
    {
        var piece = _streamed.Take(data, out _);
        if (_isSwallowing)
            return piece.Length;
        state.ToClient.WriteBytes(piece);
        Record(ref state.InFlight.Head, piece);
        if (_streamed.IsComplete)
            state.EndClientMessage();
        return piece.Length;
    }

    /// <summary>Whether one more row fits into the budgets. One that does not fails the statement, unless people have agreed to it.</summary>
    private bool IsWithinBudget(ref InFlight head, int bytes)
    {
        if (head.Budget is not { CountsReads: true } budget)
            return true;
        if (head.Failure is null)
            BudgetCheck.Read(state, ref head, budget, bytes);
        if (head.Failure is null)
            budget.Sent(bytes);
        else
            budget.Withheld(bytes);
        return head.Failure is null;
    }

    /// <summary>The answer can't go on. What else comes of it is swallowed; how it ends is decided at its completion.</summary>
    private static void Fail(ref InFlight head, Diagnostic diagnostic) => head.Failure = diagnostic;

    private static Diagnostic NotMasked(Exception fault) =>
        Diagnostic.Error(
            SqlStates.InsufficientPrivilege,
            "weir: denied: the answer can't be masked" + (fault is ProtocolViolationException ? $" ({fault.Message})" : "")) with
        {
            Hint = "Leave out the columns that a masking rule concerns, or write the statement in another way.",
        };

    private void Record(ref InFlight head, ReadOnlySpan<byte> piece)
    {
        if (head.FirstStatement > 0)
            state.Recording.Piece(head.FirstStatement + head.Done, piece);
    }

    private bool PassesRows(ref InFlight head) => IsOrdinary(head) && (!head.Judgement!.NeedsAnswerPlan || ResolvePlan(ref head) is { PassesThrough: true });

    /// <summary>The client's own, within no budget, and nothing has gone wrong.</summary>
    private static bool IsOrdinary(in InFlight head) =>
        !head.IsInjected && head.Budget is not { CountsReads: true } && head.Failure is null && head.Judgement is not null && head.Kind is InFlightKind.Query or InFlightKind.Execute;

    /// <summary>The plan of the rows that come; null when nothing says what their columns are.</summary>
    private AnswerPlan? ResolvePlan(ref InFlight head)
    {
        if (head.Plan is not null || head.Kind != InFlightKind.Execute || head.Portal is not { } portal || head.Judgement is not { } judgement)
            return head.Plan;
        if (portal.Description is { Length: > 0 } own)
            head.Plan = MakePlan(judgement, 0, own, null);
        else if (portal.Statement.Description is { Length: > 0 } shared && portal.Statement.DescribedIn == state.Surroundings.Generation)
            head.Plan = MakePlan(judgement, 0, shared, portal.Formats);
        return head.Plan;
    }

    private AnswerPlan MakePlan(Judgement judgement, int index, ReadOnlySpan<byte> description, short[]? formats)
    {
        var statement = judgement.Statements[index];
        var catalog = state.Surroundings.Catalog;
        if (statement.FindPlan(description, formats, catalog) is { } cached)
            return cached;
        var plan = AnswerPlanner.Plan(judgement.Policy, statement.Masking, catalog, state.Surroundings.TemporaryOids, description, formats, out var hasUnknownOrigin);
        if (hasUnknownOrigin)
            state.Start.Catalog.Refresh(static _ => { });
        else
            statement.StorePlan(description, formats, catalog, plan);
        return plan;
    }

    private void RecordColumns(ref InFlight head)
    {
        if (head.AreColumnsRecorded || head.FirstStatement == 0)
            return;
        head.AreColumnsRecorded = true;
        if (ResolvePlan(ref head) is { } plan)
            state.Recording.Columns(head.FirstStatement + head.Done, plan.Columns);
    }
}

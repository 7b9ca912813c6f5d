using Weir.Agent.Recording;

namespace Weir.Agent.Tests.Fuzzing;

/// <summary>Keeps nothing of a session but whether it is recorded as it has to be.</summary>
internal sealed class CheckedRecording : IRecorder, ISessionRecording
{
    private readonly HashSet<long> _open = [];
    private long _last;

    /// <summary>What was wrong first; null while nothing was.</summary>
    public string? Fault { get; private set; }

    public bool IsEnded { get; private set; }

    public Guid SessionId => Guid.Empty;

    public ISessionRecording TryOpen(SessionStart start) => this;

    public bool TryStatement(long statement, StatementTemplate template, ParameterList parameters)
    {
        Number(statement);
        _open.Add(statement);
        return true;
    }

    public bool TryStatement(long statement, StatementTemplate template, ReadOnlySpan<byte> text, ParameterList parameters) => TryStatement(statement, template, parameters);

    public bool TryRefusedStatement(long statement, StatementTemplate template, ReadOnlySpan<byte> text, ParameterList parameters, in StatementOutcome outcome)
    {
        Number(statement);
        return true;
    }

    public bool IsSettled(Action<bool> whenSettled) => true;

    public void Columns(long statement, ColumnsTemplate template) => Require(_open.Contains(statement), $"columns of statement {statement}, which is not open");

    public void Rows(long statement, ReadOnlySpan<byte> messagesAsSentToClient) => Require(_open.Contains(statement), $"rows of statement {statement}, which is not open");

    public void CopyData(long statement, bool isOut, ReadOnlySpan<byte> data) => Require(_open.Contains(statement), $"data of statement {statement}, which is not open");

    public void Piece(long statement, ReadOnlySpan<byte> piece) => Require(_open.Contains(statement), $"a piece of statement {statement}, which is not open");

    public void Settle()
    {
    }

    public void Finished(long statement, in StatementOutcome outcome) => Require(_open.Remove(statement), $"statement {statement} ended, and was not open");

    public void Review(long statement, in ReviewMoment moment) => Require(_open.Contains(statement), $"review of statement {statement}, which is not open");

    public void Notice(long statement, ReadOnlySpan<byte> severity, ReadOnlySpan<byte> sqlState, ReadOnlySpan<byte> message)
    {
    }

    public void Ended(in SessionEnd end)
    {
        Require(!IsEnded, "the session ended twice");
        IsEnded = true;
    }

    private void Number(long statement)
    {
        Require(statement > _last, $"statement {statement} behind {_last}");
        Require(!IsEnded, "a statement behind the end");
        _last = statement;
    }

    private void Require(bool holds, string fault)
    {
        if (!holds)
            Fault ??= fault;
    }
}

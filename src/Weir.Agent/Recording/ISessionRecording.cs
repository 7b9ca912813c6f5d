namespace Weir.Agent.Recording;

/// <summary>
/// The recording of one session. Not thread-safe: called by the session's driver only, and never blocks. What must not be lost is
/// reserved in the spool beforehand: after a <c>true</c> of <see cref="TryStatement(long, StatementTemplate, ParameterList)"/> the finish and
/// the reviews of that statement, and from the start on the end of the session, always find room.
/// </summary>
internal interface ISessionRecording
{
    Guid SessionId { get; }

    /// <summary>Records a statement whose text is in the template. Comes before anything of it is forwarded.</summary>
    /// <param name="statement">Number of the statement in the session, from 1, growing.</param>
    /// <returns>False when the spool can't take it: refuse the statement with 58030.</returns>
    bool TryStatement(long statement, StatementTemplate template, ParameterList parameters);

    /// <summary>The same for a text of its own (verdicts that are shared by lexical shape); the template was made without text.</summary>
    bool TryStatement(long statement, StatementTemplate template, ReadOnlySpan<byte> text, ParameterList parameters);

    /// <summary>Records a refused statement together with its finish; comes before the client sees the error.</summary>
    /// <param name="text">The text when the template has none; else empty.</param>
    bool TryRefusedStatement(long statement, StatementTemplate template, ReadOnlySpan<byte> text, ParameterList parameters, in StatementOutcome outcome);

    /// <summary>
    /// Strict durability: whether what was recorded so far is safe on disk. Always true in group durability.
    /// </summary>
    /// <param name="whenSettled">On false, called once on another thread: with true when it is on disk (forward now), with false when the disk failed (refuse with 58030).</param>
    bool IsSettled(Action<bool> whenSettled);

    /// <summary>Records the columns of an answer, once per answer that the client gets a description of.</summary>
    void Columns(long statement, ColumnsTemplate template);

    /// <summary>
    /// Records rows of an answer: whole DataRow messages, back to back, with their headers, as sent to the client (masked); other message types among them are skipped.
    /// What exceeds the recording limits only counts and is hashed.
    /// </summary>
    void Rows(long statement, ReadOnlySpan<byte> messagesAsSentToClient);

    /// <summary>Records the body of one CopyData message, as sent to the client or by it; limits as for rows.</summary>
    void CopyData(long statement, bool isOut, ReadOnlySpan<byte> data);

    /// <summary>Counts and hashes a piece of the body of a row or CopyData message that is too large to be recorded.</summary>
    void Piece(long statement, ReadOnlySpan<byte> piece);

    /// <summary>
    /// Records what was held back of an answer in the hope that its end would come at once. Called at the end of every call in which something came from upstream, before any of it goes on
    /// to the client.
    /// </summary>
    void Settle();

    /// <summary>Records how a statement ended; exactly once for each recorded statement that was not refused at once.</summary>
    void Finished(long statement, in StatementOutcome outcome);

    /// <summary>Records a step of the review of a held statement that was recorded before.</summary>
    void Review(long statement, in ReviewMoment moment);

    /// <summary>Records a notice or warning of the server; left out when the spool is full.</summary>
    void Notice(long statement, ReadOnlySpan<byte> severity, ReadOnlySpan<byte> sqlState, ReadOnlySpan<byte> message);

    /// <summary>Seals the recording. Statements without a finish are recorded as lost first. Later calls do nothing.</summary>
    void Ended(in SessionEnd end);
}

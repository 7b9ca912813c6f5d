using Weir.ControlPlane.Domain.Reviews;
using Weir.ControlPlane.Domain.Sessions;

namespace Weir.ControlPlane.Application.Features.Sessions;

/// <param name="Sequence">Number of the statement in its session, from 1.</param>
/// <param name="FullLength">Length in bytes of the whole text when the recorded one was cut; else null.</param>
/// <param name="Parameters">As text; null for NULL.</param>
/// <param name="Status">ok, failed, denied, rejected, expired, cancelled or lost; null while it runs.</param>
/// <param name="Rows">Returned or changed; null when unknown.</param>
/// <param name="RowsHash">SHA-256 over all rows as they were sent, also those that were not recorded.</param>
public sealed record StatementView(
    string Id,
    long Sequence,
    DateTimeOffset At,
    string Text,
    long? FullLength,
    IReadOnlyList<string?> Parameters,
    string Decision,
    IReadOnlyList<DecisionReason> Reasons,
    IReadOnlyList<string> Effects,
    IReadOnlyList<string> Relations,
    string Command,
    string Protocol,
    Guid? ReviewId,
    string? Status,
    string? CommandTag,
    long? Rows,
    string? SqlState,
    string? ErrorMessage,
    double? DurationMs,
    long? RowsRecorded,
    string? RowsHash,
    long? BytesReturned)
{
    internal static StatementView Of(SessionStatement s) => new(
        $"{s.SessionId}:{s.Number}",
        s.Number,
        s.At,
        s.Text,
        s.FullLength == 0 ? null : s.FullLength,
        s.Parameters,
        s.Decision,
        s.Reasons,
        s.Effects,
        s.Relations,
        s.Command,
        s.Protocol,
        s.ReviewId,
        s.Status,
        s.CommandTag,
        s.Rows,
        s.SqlState,
        s.ErrorMessage,
        s.DurationMicros / 1000.0,
        s.RowsRecorded,
        s.RowsHash is null ? null : Convert.ToHexStringLower(s.RowsHash),
        s.BytesReturned);
}

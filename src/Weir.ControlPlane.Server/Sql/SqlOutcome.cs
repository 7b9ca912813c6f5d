using System.Text.Json.Nodes;

namespace Weir.ControlPlane.Server.Sql;

/// <summary>What became of a text.</summary>
internal abstract record SqlOutcome
{
    private SqlOutcome()
    {
    }

    /// <param name="Rows">An array for each row, values in the order of the columns.</param>
    /// <param name="RowsAffected">Of INSERT, UPDATE, DELETE and MERGE; null otherwise.</param>
    public sealed record Answered(IReadOnlyList<SqlColumn> Columns, JsonArray Rows, long? RowsAffected, bool HasMore) : SqlOutcome;

    /// <summary>It waits for a person; sent again after the approval, it passes once.</summary>
    public sealed record Held(string ReviewId, string? Address) : SqlOutcome;

    /// <param name="Rule">Guardrail that refused it, if one did.</param>
    public sealed record Refused(string SqlState, string Message, string? Hint, string? Rule) : SqlOutcome;
}

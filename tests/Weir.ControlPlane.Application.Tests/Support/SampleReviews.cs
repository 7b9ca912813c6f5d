using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Reviews;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Tests.Support;

/// <summary>What an agent says when it holds a statement.</summary>
internal static class SampleReviews
{
    public static byte[] Binding { get; } = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    public static RecordReview.Command Record(Actor of, string reviewers = "dba") => new(
        Guid.NewGuid(),
        of.Id!.Value,
        new HeldStatement(
            Guid.NewGuid(), 3, "orders", "DELETE FROM orders", [], [new DecisionReason("guardrail", "unbounded-writes", "review", "every row", "ask", false)], Binding,
            new Dictionary<string, string> { ["ticket"] = "T-7" }, ["public.orders"], [], 1500, new Dictionary<string, long> { ["public.orders"] = 1500 }, null),
        new ReviewRules([reviewers], 1, TimeSpan.FromMinutes(15)));

    /// <summary>The same with a shape that may be approved for an hour.</summary>
    public static RecordReview.Command Shaped(Actor of, byte shape = 1)
    {
        var record = Record(of);
        return record with { Held = record.Held with { Shape = new StatementShape(Enumerable.Repeat(shape, 32).ToArray(), "DELETE FROM orders WHERE id = ?", TimeSpan.FromHours(1)) } };
    }
}

using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Features.Reviews;

/// <summary>The state of a review, as the agent that holds its statement is told.</summary>
/// <param name="ApprovedRows">Up to how many changed rows the approval waives row budgets; null for not at all.</param>
/// <param name="WindowUntil">Approved for every statement of the shape until then; null for one statement.</param>
/// <param name="Url">Address of the review in the console.</param>
public sealed record ReviewUpdate(
    Guid ReviewId,
    Guid AgentId,
    ReviewStatus Status,
    string Comment,
    DateTimeOffset ExpiresAt,
    ReadOnlyMemory<byte> Binding,
    string DecidedBy,
    long? ApprovedRows,
    string Url,
    DateTimeOffset? WindowUntil,
    ReadOnlyMemory<byte> ShapeBinding)
{
    internal static ReviewUpdate Of(Review r, ControlPlaneOptions options, DateTimeOffset now) => new(
        r.Id.Value,
        r.AgentId.Value,
        r.Status is ReviewStatus.Open or ReviewStatus.Approved && r.ExpiresAt <= now ? ReviewStatus.Expired : r.Status,
        r.Comment ?? "",
        r.ExpiresAt,
        r.Binding,
        r.DecidedBy ?? "",
        r.ApprovedRows,
        $"{options.PublicUrl}/reviews/{r.Id}",
        r.WindowUntil,
        r.ShapeBinding);
}

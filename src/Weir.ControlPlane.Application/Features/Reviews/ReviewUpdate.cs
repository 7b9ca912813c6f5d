using Weir.ControlPlane.Domain.Agents;
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
    internal static ReviewUpdate Of(Review r, ControlPlaneOptions options, DateTimeOffset now) =>
        Of(r.Id, r.AgentId, r.Status, r.Comment, r.ExpiresAt, r.Binding, r.DecidedBy, r.ApprovedRows, r.WindowUntil, r.ShapeBinding, options, now);

    internal static ReviewUpdate Of(
        ReviewId id,
        AgentId agent,
        ReviewStatus status,
        string? comment,
        DateTimeOffset expiresAt,
        byte[] binding,
        string? decidedBy,
        long? approvedRows,
        DateTimeOffset? windowUntil,
        byte[]? shapeBinding,
        ControlPlaneOptions options,
        DateTimeOffset now) => new(
        id.Value,
        agent.Value,
        status is ReviewStatus.Open or ReviewStatus.Approved && expiresAt <= now ? ReviewStatus.Expired : status,
        comment ?? "",
        expiresAt,
        binding,
        decidedBy ?? "",
        approvedRows,
        $"{options.PublicUrl}/reviews/{id}",
        windowUntil,
        shapeBinding);
}

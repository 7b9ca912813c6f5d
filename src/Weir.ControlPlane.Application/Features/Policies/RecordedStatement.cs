using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Features.Policies;

/// <summary>A text that one principal sent on one connection.</summary>
/// <param name="Grant">The grant that its sessions ran under.</param>
/// <param name="Count">How often.</param>
/// <param name="LastAt">When last: the time at which rules with a schedule are asked.</param>
internal sealed record RecordedStatement(PrincipalId Principal, string Connection, Guid? Grant, string Text, long Count, DateTimeOffset LastAt);

using Weir.ControlPlane.Domain.Access;
using Weir.ControlPlane.Domain.Agents;
using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Principals;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Domain.Tests;

/// <summary>Entities in their first state, at one fixed instant.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly OrganizationId Organization = OrganizationId.New(Now);

    public static Principal User(string email = "dev@example.org") => Principal.User(Organization, PrincipalId.New(Now), email, email, Now);

    public static Principal AiAgent(Principal onBehalfOf) => Principal.AiAgent(Organization, PrincipalId.New(Now), "assistant", onBehalfOf, Now);

    public static Approver Approver(string group = "dba", PrincipalKind kind = PrincipalKind.User) => new(PrincipalId.New(Now), "reviewer@example.org", kind, [group]);

    public static Approver ApproverOf(Principal principal, string group = "dba") => new(principal.Id, principal.Name, principal.Kind, [group]);

    public static Review Review(Principal? principal = null, int approvals = 1, IReadOnlyDictionary<string, long>? rowsChanged = null, StatementShape? shape = null, AgentId? agent = null) =>
        new(Organization, ReviewId.New(Now), agent ?? AgentId.New(Now), principal ?? User(), Held(rowsChanged) with { Shape = shape }, new ReviewRules(["dba"], approvals, TimeSpan.FromMinutes(15)), Now);

    public static StatementShape Shape(byte binding) => new(new byte[] { binding }, "DELETE FROM customers WHERE id = ?", TimeSpan.FromHours(1));

    public static HeldStatement Held(IReadOnlyDictionary<string, long>? rowsChanged = null) => new(
        Guid.CreateVersion7(Now), 7, "orders", "DROP TABLE customers", [], [new DecisionReason("guardrail", "no-ddl", "review", "", "", false)], new byte[32],
        new Dictionary<string, string>(), ["public.customers"], [], 10, rowsChanged, null);

    public static AccessRequest Request(Principal? principal = null, int approvals = 1) =>
        new(Organization, AccessRequestId.New(Now), principal ?? User(), "orders", AccessLevel.Write, TimeSpan.FromHours(2), "ticket 7",
            new AccessRequestRules("engineers-orders", ["dba"], approvals), Now, Now.AddDays(1));

    public static Grant Grant() => new(Organization, GrantId.New(Now), PrincipalId.New(Now), "orders", AccessLevel.Read, AccessRequestId.New(Now), Now, Now.AddHours(1));

    public static EnrollmentToken EnrollmentToken() => new(Organization, EnrollmentTokenId.New(Now), "edge", new byte[32], null, Now, Now.AddHours(1));

    public static Agent Agent() => new(Organization, AgentId.New(Now), "edge", new Dictionary<string, string>(), [1], "0.1.0", Now);
}

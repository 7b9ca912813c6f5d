using System.Text.Json;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.AccessRequests;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.Features.Principals;
using Weir.ControlPlane.Application.Features.Reviews;
using Weir.ControlPlane.Application.Features.Sessions;
using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Principals;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.WebConsole.Tests.Fakes;

/// <summary>Things of the control plane as tests need them; change what matters with <c>with</c>.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset Now = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    public static readonly Actor Developer = User("dev@example.com", Roles.Member, "engineers");
    public static readonly Actor Reviewer = User("dba@example.com", Roles.Member, "dba");
    public static readonly Actor Auditor = User("auditor@example.com", Roles.Auditor);
    public static readonly Actor Administrator = User("admin@example.com", Roles.Administrator, "dba");

    public static readonly ListConnections.Connection Connection = new(
        Guid.CreateVersion7(), "orders", new Dictionary<string, string> { ["env"] = "prod" }, "postgres", "orders", "write", "standing", null, null, AgentOnline: true, Reachable: true);

    public static readonly ListConnections.Connection OnRequest = Connection with
    {
        Access = null,
        Mode = "request",
        Request = new ListConnections.RequestTerms("write", ["dba"], 1, TimeSpan.FromHours(4), RequireReason: true),
    };

    public static readonly ReviewView Review = new(
        Guid.CreateVersion7(), "open", "dev@example.com", "orders", "DELETE FROM orders", ["7"],
        [new DecisionReason("guardrail", "unbounded-writes", "review", "This changes every row of a table.", "", Shadow: false)],
        Now.AddMinutes(-2), Now.AddMinutes(13), Waiting: true, Guid.CreateVersion7(), 3, new Dictionary<string, string> { ["ticket"] = "OPS-7" },
        ["public.orders"], ["public.orders.credit_card"], 1200, new Dictionary<string, long> { ["public.orders"] = 1204 }, null, ["dba"], 1, [], null, null, null, null, MayDecide: true);

    public static readonly AccessRequestView AccessRequest = new(
        Guid.CreateVersion7(), "pending", "dev@example.com", "orders", "write", TimeSpan.FromMinutes(90), "OPS-7: repair an order", "engineers-orders", ["dba"], 1, [],
        Now.AddMinutes(-5), Now.AddHours(23), null, null, null, null, MayDecide: true);

    public static readonly GrantView Grant = new(
        Guid.CreateVersion7(), "active", "dev@example.com", "orders", "write", AccessRequest.Id, Now.AddMinutes(-30), Now.AddMinutes(30), null, null);

    public static readonly SessionView Session = new(
        Guid.CreateVersion7(), "live", "dev@example.com", "user", null, "orders", "vpc-1", "w_example", null, "10.0.0.7", Tls: true, Relayed: false, "psql",
        new Dictionary<string, string>(), "orders_app", "18.4", 12, Now.AddMinutes(-10), null, null, null, 2, 1, 2048, 40960, "intact", null);

    public static readonly StatementView Statement = new(
        $"{Session.Id}:1", 1, Now.AddMinutes(-9), "SELECT name FROM customers WHERE id = $1", null, ["7", null], "allow", [], ["read"], ["public.customers"], "select", "extended",
        null, "ok", "SELECT 1", 1, null, null, 1.25, 1, null, 120);

    public static readonly PrincipalView Principal = new(
        Guid.CreateVersion7(), "dev@example.com", "Developer", "user", null, ["engineers"], [], Disabled: false, Now.AddDays(-40));

    public static Page<T> PageOf<T>(params T[] items) => new(items, null);

    public static DocumentView Document(string kind, string name, string spec) =>
        new(Guid.CreateVersion7(), DocumentView.CurrentApiVersion, kind, new(name, new Dictionary<string, string>()), JsonElement.Parse(spec), Now.AddDays(-3), Now.AddDays(-1));

    private static Actor User(string name, Roles roles, params string[] groups) =>
        new(ActorKind.User, new OrganizationId(Guid.CreateVersion7()), Guid.CreateVersion7(), name, name, null, groups, roles);
}

using System.Globalization;
using Weir.ControlPlane.Domain.Access;
using Weir.ControlPlane.Domain.Agents;
using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Reviews;
using Weir.ControlPlane.Domain.Sessions;
using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.ControlPlane.Application.Signals;

/// <summary>A signal as one line: its kind, the organization, ids and numbers.</summary>
internal static class SignalText
{
    public static string Write(ClusterSignal signal) => signal switch
    {
        PolicyChanged s => Line("policy", s, s.Version),
        CredentialsChanged s => Line("credentials", s, s.Sequence),
        ReviewChanged s => Line("review", s, s.Review, s.Agent),
        AccessRequestChanged s => Line("access_request", s, s.Request),
        AgentChanged s => Line("agent", s, s.Agent, s.IsShutOut ? 1 : 0),
        SessionChanged s => Line("session", s, s.Session),
        SessionTermination s => Line("termination", s, s.Agent, s.Session),
        WebhookChanged s => Line("webhook", s, s.Webhook, s.HasWork ? 1 : 0),
        PrincipalsChanged s => Line("principals", s),
        TokensChanged s => Line("tokens", s),
        AuditChanged s => Line("audit", s),
        _ => throw new ArgumentOutOfRangeException(nameof(signal), signal.GetType().Name, "This signal has no text."),
    };

    /// <summary>Null for what is no signal that this version knows.</summary>
    public static ClusterSignal? Read(string line)
    {
        var parts = line.Split(' ');
        if (parts.Length < 2 || !Guid.TryParse(parts[1], out var id))
        {
            return null;
        }

        var organization = new OrganizationId(id);
        return parts switch
        {
            ["policy", _, var version] when Number(version, out var n) => new PolicyChanged(organization, n),
            ["credentials", _, var sequence] when Number(sequence, out var n) => new CredentialsChanged(organization, n),
            ["review", _, var review, var agent] when Guid.TryParse(review, out var r) && Guid.TryParse(agent, out var a) => new ReviewChanged(organization, new ReviewId(r), new AgentId(a)),
            ["access_request", _, var request] when Guid.TryParse(request, out var r) => new AccessRequestChanged(organization, new AccessRequestId(r)),
            ["agent", _, var agent, var shutOut] when Guid.TryParse(agent, out var a) => new AgentChanged(organization, new AgentId(a), shutOut == "1"),
            ["session", _, var session] when Guid.TryParse(session, out var s) => new SessionChanged(organization, new SessionId(s)),
            ["termination", _, var agent, var session] when Guid.TryParse(agent, out var a) && Guid.TryParse(session, out var s) => new SessionTermination(organization, new AgentId(a), new SessionId(s)),
            ["webhook", _, var webhook, var work] when Guid.TryParse(webhook, out var w) => new WebhookChanged(organization, new WebhookId(w), work == "1"),
            ["principals", _] => new PrincipalsChanged(organization),
            ["tokens", _] => new TokensChanged(organization),
            ["audit", _] => new AuditChanged(organization),
            _ => null,
        };
    }

    private static bool Number(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static string Line(string kind, ClusterSignal signal, params object[] rest) =>
        string.Join(' ', [kind, signal.Organization.ToString(), .. rest.Select(r => Convert.ToString(r, CultureInfo.InvariantCulture)!)]);
}

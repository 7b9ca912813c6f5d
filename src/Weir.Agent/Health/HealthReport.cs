using System.Globalization;
using System.Text;
using Weir.Agent.Link;
using Weir.Agent.Policies;
using Weir.Agent.Recording;
using Weir.Policy.Access;

namespace Weir.Agent.Health;

/// <summary>How the agent is doing, gathered when somebody asks. No names of connections, principals or sessions: the endpoint asks for no password.</summary>
internal sealed class HealthReport(
    PolicyHolder policies,
    CredentialDirectory credentials,
    Spool spool,
    LinkOutbox link,
    ILinkedSessions sessions,
    Func<long> judgementBytes,
    Func<long> catalogBytes)
{
    /// <summary>Null when sessions can be served; else the first reason why not.</summary>
    public string? NotReadyBecause()
    {
        if (spool.IsFailed)
            return "the spool's disk failed";
        if (policies.Current is null)
            return "no policy yet";
        if (!policies.IsUsable(PrincipalKind.User) && !policies.IsUsable(PrincipalKind.ServiceAccount))
            return "the policy is older than its maximum age";
        return null;
    }

    /// <summary>Prometheus text format 0.0.4.</summary>
    public string ToPrometheusText()
    {
        var text = new StringBuilder();
        Gauge(text, "weir_agent_ready", "1 when sessions can be served.", NotReadyBecause() is null ? 1 : 0);
        Gauge(text, "weir_agent_link_connected", "1 while the agent is connected to the control plane.", link.IsConnected ? 1 : 0);
        Gauge(text, "weir_agent_sessions", "Live client sessions.", sessions.Count);
        Gauge(text, "weir_agent_credentials", "Access credentials that are known.", credentials.Count);
        Gauge(text, "weir_agent_policy_version", "Version of the policy in force, 0 for none.", policies.Current?.Version ?? 0);
        var age = policies.Current is null ? 0 : policies.Age.TotalSeconds;
        Gauge(text, "weir_agent_policy_age_seconds", "Time since the control plane was last heard.", age);
        Gauge(text, "weir_agent_spool_waiting_bytes", "Bytes of events that the control plane has not confirmed.", spool.WaitingBytes);
        Gauge(text, "weir_agent_spool_capacity_bytes", "Disk space of the spool.", spool.CapacityBytes);
        Counter(text, "weir_agent_events_recorded_total", "Events that were recorded.", spool.AppendedEvents);
        Counter(text, "weir_agent_events_refused_total", "Events that found no room in the spool; their statements were refused.", spool.RefusedEvents);
        Gauge(text, "weir_agent_cached_verdict_bytes", "Estimated memory of verdicts that are kept for texts to come.", judgementBytes());
        Gauge(text, "weir_agent_catalog_bytes", "Estimated memory of the databases' catalogs in use.", catalogBytes());
        Gauge(text, "weir_agent_memory_bytes", "Managed heap.", GC.GetTotalMemory(forceFullCollection: false));
        return text.ToString();
    }

    private static void Gauge(StringBuilder text, string name, string help, double value) => Metric(text, name, "gauge", help, value);

    private static void Counter(StringBuilder text, string name, string help, double value) => Metric(text, name, "counter", help, value);

    private static void Metric(StringBuilder text, string name, string type, string help, double value) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n{name} {value}\n");
}

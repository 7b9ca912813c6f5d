namespace Weir.Agent.Link;

internal static class AgentVersion
{
    /// <summary>As in the build settings, such as <c>0.1.0</c>.</summary>
    public static string Text { get; } = typeof(AgentVersion).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}

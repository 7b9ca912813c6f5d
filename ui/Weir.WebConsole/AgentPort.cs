namespace Weir.WebConsole;

/// <summary>The port of the control plane that agents dial, for the command that the console shows.</summary>
public sealed record AgentPort(int Number)
{
    public static AgentPort Default { get; } = new(8081);
}
